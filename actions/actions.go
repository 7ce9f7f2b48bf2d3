// Package actions joins the families into the one catalogue.
package actions

import (
	"context"
	"io"
	"slices"

	"daiban/action"
	"daiban/actions/chat"
	"daiban/actions/desk"
	"daiban/actions/doc"
	"daiban/actions/engine"
	"daiban/actions/file"
	"daiban/actions/http"
	"daiban/actions/image"
	"daiban/actions/mail"
	"daiban/actions/pdf"
	"daiban/actions/person"
	"daiban/actions/queue"
	"daiban/actions/shell"
	"daiban/actions/sql"
	"daiban/actions/text"
	"daiban/actions/web"
	"daiban/flow"
)

//go:generate go run daiban/internal/docgen

// All is every action, in the order of the catalogue.
func All() action.Set {
	return slices.Concat(
		file.All, pdf.All, doc.All, image.All,
		mail.All(book), chat.All,
		web.All, http.All, sql.All,
		text.All,
		person.All, queue.All, shell.All, action.Set{engine.Run, engine.Wait}, desk.All,
	)
}

// book writes tables that are attached to a mail; the family of tables brings it.
func book(context.Context, io.Writer, flow.Table) error {
	return action.Needs("先用 table.save 存成文件再发", "save the table by table.save first")
}
