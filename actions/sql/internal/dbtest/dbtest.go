// Package dbtest starts real database servers for tests: private ones, in a temporary folder, on a
// loopback port, as a user that is not root. Where a server is not installed, or will not start, it says why.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// A Server is a running database server.
type Server struct {
	Addr string // host:port
	Dir  string
	cmd  *exec.Cmd
	log  *os.File
}

// startTime bounds the making and the starting of a server.
const startTime = 60 * time.Second

// Stop ends the server at once, without writing what it has in memory, and removes its folder.
func (s *Server) Stop() {
	if s == nil {
		return
	}
	s.cmd.Process.Signal(syscall.SIGQUIT) // of PostgreSQL: at once, with its children
	done := make(chan struct{})
	go func() { s.cmd.Wait(); close(done) }()
	if filepath.Base(s.cmd.Path) != "postgres" {
		s.cmd.Process.Kill()
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		s.cmd.Process.Kill()
		<-done
	}
	s.log.Close()
	os.RemoveAll(s.Dir)
}

// find is the newest program of a name, in the path or where Debian puts it.
func find(names ...string) (string, error) {
	for _, n := range names {
		if filepath.IsAbs(n) {
			if all, _ := filepath.Glob(n); len(all) > 0 {
				return all[len(all)-1], nil
			}
		} else if p, err := exec.LookPath(n); err == nil {
			return p, nil
		}
	}
	return "", fmt.Errorf("%s is not installed", names[0])
}

// as is the credential of a user, for servers that refuse root; nil when we are not root.
func as(name, dir string) (*syscall.SysProcAttr, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// Postgres starts PostgreSQL; the user is "postgres", and who connects from here is trusted, except the
// user "secret", which signs in with a password.
func Postgres() (*Server, error) {
	initdb, err := find("initdb", "/usr/lib/postgresql/*/bin/initdb")
	if err != nil {
		return nil, err
	}
	dir, attr, err := folder("postgres")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := once(dir, attr, initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions"); err != nil {
		return nil, err
	}
	hba := "host all secret 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(hba), 0o644); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return start(dir, attr, port, filepath.Join(filepath.Dir(initdb), "postgres"), "-D", data, "-p", port,
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+dir, "-c", "fsync=off", "-c", "shared_buffers=32MB")
}

// MariaDB starts a server that speaks MySQL's protocol; the user is "root", without a password.
func MariaDB() (*Server, error) {
	daemon, err := find("mariadbd", "/usr/sbin/mariadbd")
	if err != nil {
		return nil, err
	}
	install, err := find("mariadb-install-db")
	if err != nil {
		return nil, err
	}
	dir, attr, err := folder("mysql")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := once(dir, attr, install, "--no-defaults", "--datadir="+data, "--auth-root-authentication-method=normal", "--skip-test-db"); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	return start(dir, attr, port, daemon, "--no-defaults", "--datadir="+data, "--port="+port, "--bind-address=127.0.0.1", "--socket="+filepath.Join(dir, "s"),
		"--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M", "--skip-name-resolve", "--pid-file="+filepath.Join(dir, "pid"))
}

func folder(userName string) (string, *syscall.SysProcAttr, error) {
	dir, err := os.MkdirTemp("", "dbtest")
	if err != nil {
		return "", nil, err
	}
	attr, err := as(userName, dir)
	if err != nil {
		os.RemoveAll(dir)
	}
	return dir, attr, err
}

// once runs a program to its end; what it says is in the error.
func once(dir string, attr *syscall.SysProcAttr, name string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.SysProcAttr = dir, attr
	if out, err := cmd.CombinedOutput(); err != nil {
		os.RemoveAll(dir)
		return fmt.Errorf("%s: %w: %.300s", filepath.Base(name), err, out)
	}
	return nil
}

// start runs a server until it takes connections.
func start(dir string, attr *syscall.SysProcAttr, port, name string, args ...string) (*Server, error) {
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	s := &Server{Addr: net.JoinHostPort("127.0.0.1", port), Dir: dir, cmd: exec.Command(name, args...), log: log}
	s.cmd.Dir, s.cmd.SysProcAttr, s.cmd.Stdout, s.cmd.Stderr = dir, attr, log, log
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for until := time.Now().Add(startTime); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", s.Addr, time.Second); err == nil {
			c.Close()
			return s, nil
		}
		if s.cmd.Process.Signal(syscall.Signal(0)) != nil {
			break
		}
	}
	s.Stop()
	return nil, errors.New(filepath.Base(name) + " does not start")
}
