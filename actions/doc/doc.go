// Package doc holds the actions on office documents: text, fill, pdf.
//
// The formats are read by small readers of our own over zip and XML, with
// limits against archives that unpack to more than a machine can hold.
package doc

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Text, Fill, PDF}
