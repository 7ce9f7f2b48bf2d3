// Package http holds the actions that speak HTTP with a service: reading JSON or text, sending JSON
// or a form, and downloading a file.
package http

import "daiban/action"

// All is the family, in the catalogue's order.
var All = action.Set{Get, Post, Download}
