// Package gpt runs language models: it opens their files, encodes a prompt, runs the forward
// pass in batches, and chooses tokens, freely or under a grammar.
//
//	e, err := gpt.Open("qwen2.5-coder-0.5b-instruct-q4_k_m.gguf", gpt.Options{})
//	out, err := e.Generate(ctx, gpt.Request{Prompt: e.Tokenizer().Encode("代办事项："), MaxTokens: 50})
//
// The parts lie below: token (text to ids), quant (block formats), weights (files), kern (kernels),
// model (the transformer), grammar (what may come next).
package gpt
