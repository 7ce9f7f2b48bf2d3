package archtest

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the table in ARCHITECTURE.md")

const module = "daiban/"

// A file is a parsed file of the module that is no test.
type file struct {
	name string // from the root, with slashes
	pkg  string // folder, from the root
	ast  *ast.File
}

func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// load parses every file of the module; modules inside it, and folders that go ignores, are left out.
func load(t *testing.T) []file {
	t.Helper()
	dir := root(t)
	var out []file
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := e.Name()
		if e.IsDir() {
			inner := p != dir && exists(filepath.Join(p, "go.mod"))
			if p != dir && (inner || name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		rel = filepath.ToSlash(rel)
		out = append(out, file{rel, path.Dir(rel), f})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 50 {
		t.Fatalf("only %d files found", len(out))
	}
	return out
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

func imports(f file) []string {
	var out []string
	for _, im := range f.ast.Imports {
		p, _ := strconv.Unquote(im.Path.Value)
		out = append(out, p)
	}
	return out
}

// fits reports whether pattern is pkg, or a folder ("actions/*") that holds it.
func fits(pattern, pkg string) bool {
	if dir, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(pkg, dir)
	}
	return pattern == pkg
}

// ruleOf is the longest rule that fits, or nil.
func ruleOf(pkg string) *Rule {
	var best *Rule
	for i := range Rules {
		if r := &Rules[i]; fits(r.Package, pkg) && (best == nil || len(r.Package) > len(best.Package)) {
			best = r
		}
	}
	return best
}

// family is the family of actions that pkg belongs to, "" for none.
func family(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "actions/")
	if !ok || strings.HasPrefix(rest, "internal/") {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// allowed says why pkg may not import other; "" when it may.
func allowed(pkg, other string) string {
	if strings.HasPrefix(other, pkg+"/internal/") || path.Dir(pkg) == path.Dir(other) && strings.Contains(pkg, "/internal/") {
		return "" // what a package keeps for itself
	}
	if f := family(pkg); f != "" && f == family(other) {
		return ""
	}
	r := ruleOf(pkg)
	for _, m := range r.May {
		if fits(m, other) && (m != "actions/*" || pkg == "actions") {
			return ""
		}
	}
	return r.Why
}

func TestImports(t *testing.T) {
	for _, f := range load(t) {
		if ruleOf(f.pkg) == nil {
			continue // TestTableIsWhole says so
		}
		for _, p := range imports(f) {
			other, ours := strings.CutPrefix(p, module)
			if !ours {
				continue
			}
			if why := allowed(f.pkg, other); why != "" {
				t.Errorf("%s imports %s\n\tbut %s: %s", f.name, other, f.pkg, why)
			}
		}
	}
}

func TestTableIsWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range load(t) {
		if !seen[f.pkg] && ruleOf(f.pkg) == nil {
			t.Errorf("package %s is in no row of the import table: add it, with what it may import and why no more", f.pkg)
		}
		seen[f.pkg] = true
	}
}

func TestLibrariesStayBehindOnePackage(t *testing.T) {
	for _, f := range load(t) {
		if strings.HasPrefix(f.pkg, "bench") {
			continue
		}
		for _, p := range imports(f) {
			for _, o := range Owners {
				if strings.HasPrefix(p, o.Library) && !slices.ContainsFunc(o.In, func(in string) bool { return fits(in, f.pkg) }) {
					t.Errorf("%s imports %s, which belongs to %s: %s", f.name, p, strings.Join(o.In, ", "), o.Why)
				}
			}
		}
	}
}

func TestBans(t *testing.T) {
	files := load(t)
	for _, b := range Bans {
		found := false
		for _, f := range files {
			if f.pkg != b.Package {
				continue
			}
			found = true
			for _, p := range imports(f) {
				for _, ban := range b.Imports {
					if p == ban || strings.HasSuffix(ban, "/") && strings.HasPrefix(p, ban) {
						t.Errorf("%s imports %s: %s", f.name, p, b.Why)
					}
				}
			}
			for _, call := range calls(f.ast) {
				if slices.Contains(b.Calls, call) {
					t.Errorf("%s uses %s: %s", f.name, call, b.Why)
				}
			}
		}
		if !found {
			t.Errorf("there is no package %s: take its row out of Bans", b.Package)
		}
	}
}

// calls is every pkg.Name in the file.
func calls(f *ast.File) []string {
	var out []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				out = append(out, x.Name+"."+s.Sel.Name)
			}
		}
		return true
	})
	return out
}

func TestNames(t *testing.T) {
	for _, f := range load(t) {
		for part := range strings.SplitSeq(f.pkg, "/") {
			if slices.Contains(NamesBanned, part) || slices.Contains(NamesBanned, f.ast.Name.Name) {
				t.Errorf("%s: %q does not say what the package holds; put it beside its user", f.name, part)
			}
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, f := range load(t) {
		if ast.IsGenerated(f.ast) || Inits[f.name] != "" {
			continue
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s has an init: main wires by hand, in order", f.name)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	has, dirs := map[string]bool{}, []string{}
	for _, f := range load(t) {
		if !slices.Contains(dirs, f.pkg) {
			dirs = append(dirs, f.pkg)
		}
		if f.ast.Doc != nil && len(strings.TrimSpace(f.ast.Doc.Text())) > 20 {
			has[f.pkg] = true
		}
	}
	for _, d := range dirs {
		if !has[d] {
			t.Errorf("package %s has no comment that a newcomer can read first", d)
		}
	}
}

// TestArchitecture holds that ARCHITECTURE.md shows the table as it is here.
func TestArchitecture(t *testing.T) {
	name := filepath.Join(root(t), "ARCHITECTURE.md")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	between := regexp.MustCompile(`(?s)(<!-- import table -->\n).*(<!-- end -->)`)
	if !between.Match(b) {
		t.Fatal("ARCHITECTURE.md has no <!-- import table --> … <!-- end -->")
	}
	want := between.ReplaceAllString(string(b), "${1}"+strings.ReplaceAll(markdown(), "$", "$$")+"${2}")
	if *update {
		if err := os.WriteFile(name, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(b) {
		t.Error("the table of ARCHITECTURE.md is not that of internal/archtest: run go test ./internal/archtest -update")
	}
}

// markdown is the rows of packages that exist.
func markdown() string {
	var b strings.Builder
	b.WriteString("| package | what it is | may import of ours | why no more |\n|---|---|---|---|\n")
	for _, r := range Rules {
		if strings.HasPrefix(r.Package, "internal/") || !here(r.Package) {
			continue
		}
		may := "`" + strings.Join(r.May, "` `") + "`"
		switch {
		case len(r.May) == 0:
			may = "nothing"
		case r.May[0] == "*":
			may = "everything"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Package, r.What, may, r.Why)
	}
	return b.String()
}

// here reports whether a package of the row is there.
func here(pattern string) bool {
	dir, folder := strings.CutSuffix(pattern, "/*")
	entries, err := os.ReadDir(filepath.Join("../..", dir))
	if err != nil {
		return false
	}
	for _, e := range entries {
		if e.IsDir() == folder && (folder || strings.HasSuffix(e.Name(), ".go")) {
			return true
		}
	}
	return false
}
