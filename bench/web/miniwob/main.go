// Miniwob drives the tasks of MiniWoB++ (PyPI miniwob, MIT) that flows can express: of what a page asks, a fixed
// pattern makes a flow, the program runs it, and the page's own reward says whether it was right. The pages are
// installed by pip into bench/.cache and served from there.
//
//	go run ./bench/web/miniwob [-seeds 10] [-only click-button] [-cache FOLDER] [-daiban FILE] [-list]
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
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
	only   = flag.String("only", "", "names of tasks, with commas; all when left out")
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
	all, good := 0, 0
	for _, t := range tasks {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), t.name) {
			continue
		}
		n, why := s.drive(t, bin, dir)
		all, good = all+*seeds, good+n
		fmt.Printf("%-28s %2d of %d", t.name, n, *seeds)
		for _, w := range slices.Sorted(maps.Keys(why)) {
			fmt.Printf("; %d× %s", why[w], w)
		}
		fmt.Println()
	}
	fmt.Printf("%d of %d\n", good, all)
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
			s.rewards[f[0]+" "+f[1]] = f[2]
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
	for seed := range *seeds {
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

// drive runs a task over its seeds; why counts the reasons of those that did not succeed.
func (s *site) drive(t task, bin, dir string) (good int, why map[string]int) {
	why = map[string]int{}
	asked, err := s.asked(t)
	if err != nil {
		why["the page cannot be read: "+err.Error()] = *seeds
		return 0, why
	}
	for seed, text := range asked {
		flow, ok := t.script(s.url(t, seed), text)
		if !ok {
			why["asks otherwise: "+strings.TrimSpace(text)]++
			continue
		}
		r, err := robot.New(bin, filepath.Join(dir, fmt.Sprintf("%s-%d", t.name, seed)), "approve: flow\n")
		if err != nil {
			log.Fatal(err)
		}
		r.Args = []string{"--yes", "--lang", "en"}
		rep, err := r.Run(flow)
		if err != nil {
			log.Print(err)
		}
		s.mu.Lock()
		reward, ended := s.rewards[fmt.Sprintf("%s %d", t.name, seed)]
		s.mu.Unlock()
		switch {
		case ended && !strings.HasPrefix(reward, "-") && reward != "0": // some rewards fall with the distance from what was asked
			good++
		case ended:
			why["reward "+reward+", "+rep.Status]++
		default:
			why[rep.Status+": "+rep.Why()]++
		}
	}
	return good, why
}
