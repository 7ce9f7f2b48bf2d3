// Package train teaches language models: from scratch, a whole model, its top layers, or adapters
// (LoRA) over a base that stays as it is, quantized too.
//
//	files -> Example -> corpus (tokens, mapped) -> order (units by seed and epoch) -> model.Batch -> model.Learner -> Optimizer
//
// Run does all of it. What decides the numbers is a function of the settings, the data and the step:
// a run that was stopped anywhere and goes on from its last checkpoint gives the same losses and
// weights, to the bit, as one that was not.
//
// Letters are gpt/model's: R rows of a batch, C channels, V vocabulary, T the most positions of a text.
// A row is a token that is read; its target is the one that follows.
package train
