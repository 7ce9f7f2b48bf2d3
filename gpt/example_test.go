package gpt_test

import (
	"context"
	"fmt"
	"log"

	"daiban/gpt"
)

// The article's example: a GPT-2 folder continues a sentence.
func Example() {
	e, err := gpt.Open("model/testdata/gpt2-article", gpt.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer e.Close()
	prompt := e.Tokenizer().Encode("请帮我完成以下任务：")
	out, err := e.Generate(context.Background(), gpt.Request{Prompt: prompt, MaxTokens: 20})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.Sequences[0].Tokens)
	// Output: [124 242 242 242 242 242 242 242 242 242 156 242 124 242 221 221 221 221 221 221]
}
