// Package grammar holds what a language model writes to a context-free grammar.
//
// A [Grammar] is built from pieces ([Lit], [Class], [Seq], [Alt], [Ref] …), or
// read from text ([ParseGBNF]), and compiled to a [Program]: one automaton over
// bytes per rule that cannot be folded into its callers, with calls between them.
// A [State] is where a text stands in the grammar: the set of all stacks that
// the bytes so far allow. A [Matcher] joins a Program with the tokens of a model
// ([Vocab]) and says, for a State, which tokens may come next. That answer is
// exact: a token is allowed if and only if some text of the language begins with
// the bytes so far followed by the token's bytes.
//
// The pieces work on code points where they speak of runes and on bytes
// everywhere else; a token may end in the middle of a code point.
//
// # How it works
//
// Compile turns the rules into automata without empty moves, rewrites left
// recursion, drops what can never end, and determinises each rule over bytes and
// calls. Matching is Earley's algorithm with automata for rules (a
// graph-structured stack): polynomial for every grammar, linear for those that
// people write. Fill walks the trie of the vocabulary together with the
// automaton, skips a subtree whole where the automaton loops over all of its
// characters, and keeps the masks of states it has met. What a state allows within
// its rule is kept with the vocabulary and so found again by other programs in which the
// rule is the same.
package grammar
