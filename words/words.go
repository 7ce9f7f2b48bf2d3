// Package words is the language model as actions see it (action.Words): Local is a model of this machine, held to
// the form of an answer by a grammar; API is one behind an endpoint that speaks OpenAI's chat completions, which can only be asked for it.
//
// Both choose without chance. A text that is asked about stands in a turn of its own, as text: nothing in it can
// become a control token of the model.
package words
