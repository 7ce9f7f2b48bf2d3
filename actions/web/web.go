// Package web holds the actions on web pages, in a browser: the flow says what a person sees
// (labels, words, titles), never a selector.
//
// One browser serves a run, with a fresh profile; internal/browser drives it and internal/guard is
// its only way to the network. What is meant on a page is decided by internal/find from what the page
// shows; a name that fits several things is a question, one that fits none an error that says what is
// near. What was read on a page fills values; it chooses nothing.
package web

import (
	"daiban/action"
)

// All is the family, in the catalogue's order.
var All = action.Set{Open, Login, Fill, Click, Read, Table, Download, Upload, Screenshot, PDF, Wait}
