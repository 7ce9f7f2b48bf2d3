package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"daiban/report"
)

// TestInterruptWhileIdle holds that Ctrl-C ends a conversation that waits for a line, and a
// prompt that waits for standard input.
func TestInterruptWhileIdle(t *testing.T) {
	const model = "../../gpt/model/testdata/gpt2-article"
	for _, c := range []struct {
		want int
		args []string
	}{
		{report.ExitFailed, []string{"gpt", "generate", "--model", model, "-"}},
		{report.ExitDone, []string{"gpt", "chat", "--model", talker(t, model)}},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		in, w := io.Pipe() // nothing is ever written
		t.Cleanup(func() { w.Close() })
		ended := make(chan int, 1)
		a := &app{in: in, out: &bytes.Buffer{}, err: &bytes.Buffer{}}
		go func() { ended <- a.execute(ctx, append(c.args, "--home", t.TempDir())) }()
		time.AfterFunc(200*time.Millisecond, cancel)
		select {
		case got := <-ended:
			if got != c.want {
				t.Errorf("%v: status %d, want %d\n%s", c.args, got, c.want, a.err)
			}
		case <-time.After(20 * time.Second):
			t.Errorf("%v waits on", c.args)
		}
	}
}

// talker is a copy of a model with a chat template.
func talker(t *testing.T, model string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(model)); err != nil {
		t.Fatal(err)
	}
	const template = `{"chat_template": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}\n"}`
	if err := os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), []byte(template), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}
