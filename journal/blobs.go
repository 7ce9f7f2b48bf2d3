package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// Blobs is a folder of files named by the sha256 of their content.
type Blobs struct{ Dir string }

func (b Blobs) path(digest string) (string, error) {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != sha256.Size {
		return "", fmt.Errorf("blob %q: not a digest", digest)
	}
	return filepath.Join(b.Dir, digest[:2], digest), nil
}

// Open opens the blob for reading.
func (b Blobs) Open(digest string) (*os.File, error) {
	p, err := b.path(digest)
	if err != nil {
		return nil, err
	}
	return os.Open(p)
}

// Check reads the blob and compares it with its name.
func (b Blobs) Check(digest string) error {
	f, err := b.Open(digest)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return err
	}
	if hex.EncodeToString(h.Sum(nil)) != digest {
		return fmt.Errorf("blob %s: content differs", digest)
	}
	return nil
}

// Create starts a blob. Nothing is kept until Keep.
func (b Blobs) Create() (*Blob, error) {
	if err := os.MkdirAll(b.Dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(b.Dir, "part-")
	if err != nil {
		return nil, err
	}
	return &Blob{File: f, blobs: b, hash: sha256.New()}, nil
}

// A Blob is being written.
type Blob struct {
	*os.File
	blobs Blobs
	hash  hash.Hash
}

// Write appends p.
func (b *Blob) Write(p []byte) (int, error) {
	n, err := b.File.Write(p)
	b.hash.Write(p[:n])
	return n, err
}

// Keep makes the blob durable and gives its digest.
func (b *Blob) Keep() (digest string, err error) {
	digest = hex.EncodeToString(b.hash.Sum(nil))
	path, _ := b.blobs.path(digest)
	defer os.Remove(b.Name())
	defer b.File.Close()
	if _, err := os.Stat(path); err == nil {
		return digest, nil
	}
	if err := b.Sync(); err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return digest, os.Rename(b.Name(), path)
}

// Drop forgets the blob.
func (b *Blob) Drop() {
	b.File.Close()
	os.Remove(b.Name())
}
