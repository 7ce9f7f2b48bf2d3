// Package actions joins the families into the one catalogue.
package actions

import (
	"slices"

	"daiban/action"
	"daiban/actions/chat"
	"daiban/actions/desk"
	"daiban/actions/engine"
	"daiban/actions/file"
	"daiban/actions/http"
	"daiban/actions/image"
	"daiban/actions/mail"
	"daiban/actions/person"
	"daiban/actions/queue"
	"daiban/actions/shell"
	"daiban/actions/sql"
	"daiban/actions/text"
	"daiban/actions/web"
)

// All is every action, in the order of the catalogue.
func All() action.Set {
	return slices.Concat(
		file.All, image.All,
		mail.All, chat.All,
		web.All, http.All, sql.All,
		text.All,
		person.All, queue.All, shell.All, action.Set{engine.Run, engine.Wait}, desk.All,
	)
}
