// Package model is the transformer: its configuration, its weights by name, and the forward
// pass. GPT-2, Llama, Qwen2 and Qwen3 are one pass over the same parts: what a model has not
// (a bias, a norm of its queries, a gate) is nil in its weights.
//
// Letters: B rows of a batch (all its tokens), T positions of a sequence, C channels,
// H query heads, G key-value heads, D width of a head, F width of the feed-forward layer,
// V vocabulary. Everything is row-major and float32 but the weights themselves.
package model
