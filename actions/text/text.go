// Package text holds the actions on text that ask a language model: one of this machine, or one behind an API where the
// settings name it.
//
// A text is data. It is put before the model as such, and what comes back is a value and nothing else: no action here
// has an effect. The model is held to what can be known: a label is one of the labels, a field is a piece of the text or
// empty, a number in a summary, a translation or a letter is one that was given. What left the machine stands in the record.
package text

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Summarize, Classify, Extract, Write, Translate}
