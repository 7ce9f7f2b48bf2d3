package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"daiban/action"
	"daiban/gpt"
	"daiban/gpt/openai"
)

// serving are the flags of daiban serve.
type serving struct {
	loading
	listen, keyEnv  string
	parallel, queue int
}

func (a *app) serveCommand() *cobra.Command {
	var s serving
	cmd := &cobra.Command{Use: "serve [--model MODEL]", Short: "answer OpenAI's API with a model of this machine",
		Long: `Answers /v1/models, /v1/completions and /v1/chat/completions as OpenAI's API does, with streaming
and response_format held by a grammar, and /healthz. It listens on this machine alone unless told
otherwise; other addresses need a key in the environment (DAIBAN_SECRET_SERVE, or the variable
that --api-key-env names). Ctrl-C or SIGTERM lets what runs end, for ten seconds at most.

Triggers, the queue and the console are not in this build yet; daiban fire runs a kept flow once.`,
		Args: exactly(0, "no argument")}
	s.add(cmd)
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8674", "the address to listen on; port 0 takes a free one")
	f.IntVar(&s.parallel, "parallel", 8, "how many texts are computed at once")
	f.IntVar(&s.queue, "queue", 64, "how many requests may wait; more are told to come back")
	f.StringVar(&s.keyEnv, "api-key-env", "DAIBAN_SECRET_SERVE", "the variable that holds the key which requests must bear")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return a.serve(cmd.Context(), s) }
	return cmd
}

func (a *app) serve(ctx context.Context, s serving) error {
	if s.parallel < 1 || s.parallel > 256 || s.queue < 1 || s.queue > 1<<16 {
		return usage("--parallel 用 1 到 256，--queue 用 1 到 65536", "--parallel: 1 to 256, --queue: 1 to 65536")
	}
	key := os.Getenv(s.keyEnv)
	alone, err := loopback(s.listen)
	if err != nil {
		return err
	}
	if !alone && key == "" {
		return usage("--listen %[1]s：别的机器也够得着，所以要密钥；放在环境变量 %[2]s 里", "--listen %[1]s: other machines can reach it, so it needs a key; put one into the variable %[2]s", s.listen, s.keyEnv)
	}
	e, name, _, err := a.load(s.loading, gpt.Options{Sequences: s.parallel, Queue: s.queue})
	if err != nil {
		return err
	}
	defer e.Close()
	l, err := net.Listen("tcp", s.listen)
	if err != nil {
		return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("不能在 %s 上监听：%s。用 --listen 换一个（端口 0 自己找空的）", s.listen, err),
			EN: fmt.Sprintf("cannot listen on %s: %s. Choose another with --listen (port 0 takes a free one)", s.listen, err)}
	}
	if err := a.ready(l.Addr().String(), name); err != nil {
		l.Close()
		return err
	}
	return a.answerUntil(ctx, l, frontDoor(openai.New(name, openai.For(e), openai.Options{Key: key}), name, alone && key == ""))
}

// loopback reports whether an address can be reached from this machine alone.
func loopback(listen string) (bool, error) {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false, usage("--listen：要 地址:端口，不能是 %q", "--listen: want ADDRESS:PORT, not %q", listen)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

// ready tells where the server answers, in one line.
func (a *app) ready(addr, name string) error {
	url := "http://" + addr
	if a.flags.json {
		return a.printJSON(map[string]string{"url": url, "model": name})
	}
	_, err := fmt.Fprintf(a.out, say(a.tongue(), "%s 在 %s/v1 上回答；Ctrl-C 停止\n", "%s answers at %s/v1; Ctrl-C ends it\n"), name, url)
	return err
}

const drain = 10 * time.Second // for what runs when the server is told to stop

// answerUntil serves until ctx ends, then lets what runs end.
func (a *app) answerUntil(ctx context.Context, l net.Listener, h http.Handler) error {
	work, cut := context.WithCancel(context.Background())
	defer cut()
	s := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		BaseContext: func(net.Listener) context.Context { return work }}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	select {
	case err := <-ended:
		return &action.Problem{Kind: "io", Err: err, ZH: fmt.Sprintf("服务停了：%s", err), EN: fmt.Sprintf("the server ended: %s", err)}
	case <-ctx.Done():
	}
	limit, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	if err := s.Shutdown(limit); errors.Is(err, context.DeadlineExceeded) {
		cut() // generations end, and their requests with them
		s.Close()
	}
	return nil
}

// frontDoor adds /healthz, and keeps out what a web page in a browser of this machine could send:
// requests of another origin, and, where there is no key, requests for another host's name.
func frontDoor(api http.Handler, name string, local bool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"status": "ok", "model": name})
	})
	same := http.NewCrossOriginProtection()
	same.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		(&openai.Error{Status: http.StatusForbidden, Code: "forbidden_origin", Message: "this comes from a page of another site in a browser, which may not use the model"}).Write(w)
	}))
	mux.Handle("/", same.Handler(api))
	if !local {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !ownHost(r.Host) {
			(&openai.Error{Status: http.StatusForbidden, Code: "forbidden_host", Message: "this server answers to localhost only, not to the name of another host"}).Write(w)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func ownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
