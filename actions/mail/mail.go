// Package mail holds the actions on mail: sending, by SMTP or into the outbox folder, and
// searching, saving, answering and moving the mails of an IMAP mailbox.
//
// What a mail says is data: it fills values and file names, and, in a reply, says whom to answer. It never names a
// server, a folder outside of `to`, or another recipient.
package mail

import "daiban/action"

// All is the family, in the catalogue's order; book writes the tables that are attached.
func All(book Book) action.Set { return action.Set{Send(book), Search, Attachments, Reply, Move} }
