// Package shell runs a program of this machine, without a shell in between.
package shell

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Run}
