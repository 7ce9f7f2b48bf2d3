// Package flow is the language of a task: a strict subset of Starlark that a
// person can read, a checker can prove things about and an engine can run, stop
// and resume at any line.
//
// Parse gives a Flow, a tree of Steps with stable ids; Print is its inverse.
// Values are exact decimals, dates, texts, rows and streamed tables; every value
// found in the world carries its Source, so that content is never mistaken for
// the words of the person who asked.
//
// Eval and CompileRow compute expressions, Fill fills templates, SayFlow says a flow in
// Chinese or English. Trees and values have a JSON form, tables a binary one that streams
// (WriteTable, OpenTable).
package flow
