// Miniwob drives the tasks of MiniWoB++ (PyPI miniwob, MIT) that flows can express: of what a page asks, a fixed
// pattern makes a flow, the program runs it, and the page's own reward says whether it was right. The pages are
// installed by pip into bench/.cache and served from there.
//
//	go run ./bench/web/miniwob [-seeds 10] [-from 1] [-only click-button] [-at-once 2] [-cache FOLDER] [-daiban FILE] [-list] [-show]
//
// A seed counts as right when the page gives the full reward, 1, for the first answer that it gets.
package main

import (
	"flag"
	"fmt"
	"iter"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"daiban/bench/web/chrome"
	"daiban/bench/web/robot"

	"github.com/chromedp/chromedp"
)

var (
	seeds  = flag.Int("seeds", 10, "of each task")
	from   = flag.Int("from", 1, "the first seed")
	only   = flag.String("only", "", "names of tasks, with commas; all when left out")
	atOnce = flag.Int("at-once", 2, "tasks that run side by side")
	show   = flag.Bool("show", false, "tell every seed that is not right in full, on standard error")
	cache  = flag.String("cache", "bench/.cache/miniwob", "where pip installs the pages")
	python = flag.String("python", "python3", "a Python with pip")
	daiban = flag.String("daiban", "", "the program (built when left out)")
	list   = flag.Bool("list", false, "only list the tasks and their flows")
)

const version = "1.1.0"

func main() {
	log.SetFlags(0)
	flag.Parse()
	if *list {
		for _, t := range tasks {
			fmt.Printf("%s: %s\n%s\n", t.name, t.pattern, t.flow)
		}
		return
	}
	if _, err := os.Stat(filepath.Join(*cache, "miniwob", "html")); err != nil {
		if out, err := exec.Command(*python, "-m", "pip", "install", "-q", "--no-deps", "--target", *cache, "miniwob=="+version).CombinedOutput(); err != nil {
			log.Fatalf("pip: %v\n%s", err, out)
		}
	}
	s, err := serve(filepath.Join(*cache, "miniwob", "html"))
	if err != nil {
		log.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "miniwob")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	bin, err := robot.Build(*daiban, dir)
	if err != nil {
		log.Fatal(err)
	}
	total, done := 0, 0
	for t, o := range s.all(bin, dir) {
		total, done = total+o.good, done+*seeds
		fmt.Printf("%-28s %2d of %d%s\n", t.name, o.good, *seeds, o)
	}
	fmt.Printf("%d of %d\n", total, done)
}

// An outcome is how many seeds of a task came out right, and why the others did not.
type outcome struct {
	good int
	why  map[string]int
}

func (o outcome) String() string {
	var b strings.Builder
	for _, w := range slices.Sorted(maps.Keys(o.why)) {
		fmt.Fprintf(&b, "; %d× %s", o.why[w], w)
	}
	return b.String()
}

// all runs the tasks, some side by side, and gives their outcomes in the order of the list.
func (s *site) all(bin, dir string) iter.Seq2[task, outcome] {
	return func(yield func(task, outcome) bool) {
		var chosen []task
		for _, t := range tasks {
			if *only == "" || slices.Contains(strings.Split(*only, ","), t.name) {
				chosen = append(chosen, t)
			}
		}
		out := make([]chan outcome, len(chosen))
		free := make(chan bool, *atOnce)
		for i := range out {
			out[i] = make(chan outcome, 1)
		}
		go func() {
			for i, t := range chosen {
				free <- true
				go func() { out[i] <- s.drive(t, bin, dir); <-free }()
			}
		}()
		for i, t := range chosen {
			if !yield(t, <-out[i]) {
				return
			}
		}
	}
}

// A site serves the pages, each with a seed, and keeps their rewards.
type site struct {
	addr    string
	mu      sync.Mutex
	rewards map[string]string // "task seed" -> raw reward
}

// wrap starts the episode of a seed at once, gives it time, and sends its reward home.
const wrap = `<script>
(function(){
  var q=new URLSearchParams(location.search),key=q.get('task')+' '+q.get('seed')
  Math.seedrandom(key)
  window.addEventListener('load',function(){
    core.EPISODE_MAX_TIME=3600000
    var end=core.endEpisode
    core.endEpisode=function(r,t,why){ if(core.EP_TIMER!==null) navigator.sendBeacon('/reward',key+' '+r); end(r,t,why) }
    Math.seedrandom(key); core.startEpisodeReal()
  })
})()
</script>`

func serve(folder string) (*site, error) {
	s := &site{rewards: map[string]string{}}
	files := http.FileServer(http.Dir(folder))
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reward", func(w http.ResponseWriter, r *http.Request) {
		b := make([]byte, 200)
		n, _ := r.Body.Read(b)
		f := strings.Fields(string(b[:n]))
		if len(f) == 3 {
			s.mu.Lock()
			if key := f[0] + " " + f[1]; s.rewards[key] == "" { // what is clicked afterwards is another episode
				s.rewards[key] = f[2]
			}
			s.mu.Unlock()
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		name, ok := strings.CutPrefix(r.URL.Path, "/miniwob/")
		if !ok || !strings.HasSuffix(name, ".html") {
			files.ServeHTTP(w, r)
			return
		}
		b, err := os.ReadFile(filepath.Join(folder, "miniwob", filepath.Base(name)))
		if err != nil {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, strings.Replace(string(b), "</body>", wrap+"</body>", 1))
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = l.Addr().String()
	go http.Serve(l, mux)
	return s, nil
}

func (s *site) url(t task, seed int) string {
	return fmt.Sprintf("http://%s/miniwob/%s.html?task=%s&seed=%d", s.addr, t.name, t.name, seed)
}

// asked is what the page of each seed asks, read by a browser that is not the program's.
func (s *site) asked(t task) ([]string, error) {
	ctx, end := chrome.Open(3 * time.Minute)
	defer end()
	var out []string
	for n := range *seeds {
		seed := *from + n
		if err := chromedp.Do(ctx, chromedp.Navigate(s.url(t, seed)), chrome.Until("document.getElementById('query').textContent.trim()")); err != nil {
			return nil, err
		}
		text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.getElementById('query').textContent"))
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// drive runs a task over its seeds.
func (s *site) drive(t task, bin, dir string) outcome {
	o := outcome{why: map[string]int{}}
	asked, err := s.asked(t)
	if err != nil {
		o.why["the page cannot be read: "+err.Error()] = *seeds
		return o
	}
	for n, text := range asked {
		why, full := s.seed(t, *from+n, text, bin, dir)
		if why == "" {
			o.good++
			continue
		}
		o.why[why]++
		if *show {
			log.Printf("  %s, seed %d: %s; asked: %s", t.name, *from+n, full, strings.Join(strings.Fields(text), " "))
		}
	}
	return o
}

// seed runs one seed of a task. why is the reason, in few words, that it is not right, "" when it is; full has all the words.
func (s *site) seed(t task, seed int, asked, bin, dir string) (why, full string) {
	j, ok := t.script(s.url(t, seed), asked)
	if !ok {
		return "asks otherwise than the flow", "asks otherwise"
	}
	name := fmt.Sprintf("%s-%d", t.name, seed)
	settings, secret, password := j.settings(s.addr, name)
	if secret != "" {
		os.Setenv(secret, password)
	}
	r, err := robot.New(bin, filepath.Join(dir, name), "approve: flow\n"+settings)
	if err != nil {
		log.Fatal(err)
	}
	r.Args = []string{"--yes", "--lang", "en"}
	rep, err := r.Run(j.flow)
	if err != nil {
		log.Print(err)
	}
	s.mu.Lock()
	reward, ended := s.rewards[fmt.Sprintf("%s %d", t.name, seed)]
	s.mu.Unlock()
	switch {
	case reward == "1":
		return "", ""
	case ended:
		full = "reward " + reward + ", the run " + rep.Status
		return full, strings.TrimSuffix(full+": "+rep.Why(), ": ")
	}
	full = rep.Status + ": " + rep.Why()
	return brief(full), full
}

var quoted = regexp.MustCompile(`“[^”]*”`)

// brief is a reason without what is another at every seed.
func brief(why string) string {
	why, _, _ = strings.Cut(why, "; there are:")
	return quoted.ReplaceAllString(why, "“…”")
}
