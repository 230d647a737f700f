package cachetest

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Line is a Redis at the end of a line that a test can cut, freeze and mend while the program talks over it.
type Line struct {
	URL string // what the program is given

	t      testing.TB
	behind *url.URL
	mu     sync.Mutex
	how    func(net.Conn) // what happens to a connection now
	open   map[net.Conn]bool
}

// NewLine gives the Redis of this test behind a line in good order.
func NewLine(t testing.TB) *Line {
	t.Helper()
	behind, err := url.Parse(redisOf(t))
	if err != nil {
		t.Fatal("the address of Redis cannot be read")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &Line{t: t, behind: behind, open: map[net.Conn]bool{}}
	l.how = l.through
	front := *behind
	front.Host = listener.Addr().String()
	l.URL = front.String()
	t.Cleanup(func() {
		_ = listener.Close()
		l.turn(nil)
	})
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go l.serve(c)
		}
	}()
	return l
}

// turn ends all connections; the next ones are treated in another way.
func (l *Line) turn(how func(net.Conn)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.how = how
	for c := range l.open {
		_ = c.Close()
	}
}

func (l *Line) serve(c net.Conn) {
	l.mu.Lock()
	how := l.how
	l.open[c] = true
	l.mu.Unlock()
	if how != nil {
		how(c)
	}
	_ = c.Close()
	l.mu.Lock()
	delete(l.open, c)
	l.mu.Unlock()
}

func (l *Line) through(c net.Conn) {
	there, err := net.Dial("tcp", l.behind.Host)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(c, there)
		_ = c.Close()
	}()
	_, _ = io.Copy(there, c)
	_ = there.Close()
}

// Mend puts the line in order.
func (l *Line) Mend() { l.turn(l.through) }

// Cut makes Redis absent: connections end at once.
func (l *Line) Cut() { l.turn(nil) }

// Freeze makes a Redis that takes everything and never says a word.
func (l *Line) Freeze() { l.turn(func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }) }

// Refuse makes a Redis that answers everything with an error, such as "OOM command not allowed".
func (l *Line) Refuse(answer string) {
	l.turn(func(c net.Conn) {
		from := bufio.NewReader(c)
		for skipCommand(from) == nil {
			if _, err := io.WriteString(c, "-"+answer+"\r\n"); err != nil {
				return
			}
		}
	})
}

// skipCommand reads one command: *2 $4 PING $2 hi, each on its line.
func skipCommand(from *bufio.Reader) error {
	parts, err := number(from)
	for ; err == nil && parts > 0; parts-- {
		var size int
		if size, err = number(from); err == nil {
			_, err = from.Discard(size + len("\r\n"))
		}
	}
	return err
}

func number(from *bufio.Reader) (int, error) {
	line, err := from.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimLeft(strings.TrimSpace(line), "*$"))
}

// Flush makes Redis forget everything that this test kept in it.
func (l *Line) Flush() {
	l.t.Helper()
	at := *l.behind
	query := at.Query()
	prefix := query.Get("prefix")
	query.Del("prefix")
	at.RawQuery = query.Encode()
	options, err := redis.ParseURL(at.String())
	if err != nil {
		l.t.Fatal("the address of Redis cannot be read")
	}
	client := redis.NewClient(options)
	defer func() { _ = client.Close() }()
	ctx := context.Background()
	keys := client.Scan(ctx, 0, prefix+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := client.Del(ctx, keys.Val()).Err(); err != nil {
			l.t.Fatal(err)
		}
	}
	if err := keys.Err(); err != nil {
		l.t.Fatal(err)
	}
}
