// Package actions joins the families into the one catalogue.
package actions

import (
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
	"daiban/actions/table"
	"daiban/actions/text"
	"daiban/actions/web"
)

//go:generate go run daiban/internal/docgen

// All is every action, in the order of the catalogue.
func All() action.Set {
	return slices.Concat(
		file.All, table.All, pdf.All, doc.All, image.All,
		mail.All(table.Workbook), chat.All,
		web.All, http.All, sql.All,
		text.All,
		person.All, queue.All, shell.All, action.Set{engine.Run, engine.Wait}, desk.All,
	)
}
