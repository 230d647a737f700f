// Package outbound is how the program calls other servers: only the one that the operator named, at an address that was
// looked at before it was dialled, without proxy and without redirects, in bounded time and memory.
//
// Its errors hold neither URLs nor what the other side sent: both may hold secrets.
package outbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	neturl "net/url"
	"os"
	"strings"
	"time"
)

const (
	dialTime = 5 * time.Second
	// Patience is how long a call may take in all, and Most how many bytes of an answer are read, at most.
	Patience = 15 * time.Second
	Most     = 1 << 20
)

// Limits of one server's calls; a zero field is Patience or Most.
type Limits struct {
	Patience time.Duration
	Most     int
}

// Client calls one server. It is safe for many goroutines.
type Client struct {
	base     string // without a slash at the end
	host     string // with the port
	loopback bool   // the operator named a stand-in on this machine
	most     int
	http     *http.Client
}

// New makes a client for the server at base: https, or a stand-in on this machine.
func New(base string, limits Limits) (*Client, error) {
	at, err := neturl.Parse(base)
	if err != nil || at.Hostname() == "" || at.User != nil || at.RawQuery != "" || at.Fragment != "" {
		return nil, errors.New("the address must look like https://api.example.cn")
	}
	c := &Client{base: strings.TrimRight(at.String(), "/"), host: hostPort(at), loopback: here(at.Hostname()), most: limits.Most}
	if at.Scheme != "https" && (at.Scheme != "http" || !c.loopback) {
		return nil, errors.New("the address must be https, except on this machine")
	}
	if c.most <= 0 || c.most > Most {
		c.most = Most
	}
	if limits.Patience <= 0 || limits.Patience > Patience {
		limits.Patience = Patience
	}
	c.http = &http.Client{
		Timeout: limits.Patience,
		// No proxy from the environment, and no redirect: either would hand our secrets to somebody else.
		Transport: &http.Transport{
			DialContext: c.dial, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 8, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: dialTime,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

func hostPort(at *neturl.URL) string {
	port := at.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[at.Scheme]
	}
	return net.JoinHostPort(at.Hostname(), port)
}

// here reports whether the name can only be this machine.
func here(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// dial looks the server's name up, looks at each address, and dials the very address that it looked at: a name that
// means another address a moment later leads nowhere.
func (c *Client) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address != c.host {
		return nil, errors.New("outbound: another host")
	}
	ctx, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, err
	}
	last := errors.New("outbound: no address that may be called")
	for _, ip := range found {
		if !c.allowed(ip.Unmap()) {
			continue
		}
		conn, err := (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort(ip.Unmap().String(), port))
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, last
}

// allowed keeps a name on the internet from meaning this machine or its neighbours' metadata services. Private networks
// are allowed: a county's own gateways stand in them.
func (c *Client) allowed(ip netip.Addr) bool {
	if c.loopback {
		return ip.IsLoopback()
	}
	return ip.IsValid() && !ip.IsLoopback() && !ip.IsUnspecified() && !ip.IsMulticast() && !ip.IsLinkLocalUnicast() && ip != broadcast
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// Answer is what the other side said, whatever its status.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// ErrTooLong is the fault of an answer that is longer than the limit. The other side may well have done what it was asked.
var ErrTooLong = errors.New("the answer is too long")

// ErrTimeOut is the fault of a server that did not answer in time; it is an os.ErrDeadlineExceeded.
var ErrTimeOut error = timeOut{}

type timeOut struct{}

func (timeOut) Error() string        { return "time-out" }
func (timeOut) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// Call sends one request, whose target is a path with or without a query, and answers the body of an HTTP 200, whatever
// content type it claims. There is no second try.
func (c *Client) Call(ctx context.Context, method, target string, header http.Header, body []byte) ([]byte, error) {
	request, err := c.request(ctx, method, target, header, body)
	if err != nil {
		return nil, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, cause(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d", response.StatusCode)
	}
	return c.whole(response)
}

// Exchange is Call for whom the status tells something: it answers whatever comes back, a redirect included.
func (c *Client) Exchange(ctx context.Context, method, target string, header http.Header, body []byte) (Answer, error) {
	request, err := c.request(ctx, method, target, header, body)
	if err != nil {
		return Answer{}, err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, cause(err)
	}
	defer response.Body.Close()
	answer, err := c.whole(response)
	return Answer{response.StatusCode, response.Header, answer}, err
}

func (c *Client) request(ctx context.Context, method, target string, header http.Header, body []byte) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+target, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("the request cannot be built") // err would hold the URL
	}
	for name, values := range header {
		request.Header[name] = values
	}
	return request, nil
}

func (c *Client) whole(response *http.Response) ([]byte, error) {
	answer, err := io.ReadAll(io.LimitReader(response.Body, int64(c.most)+1))
	switch {
	case err != nil:
		return nil, cause(err)
	case len(answer) > c.most:
		return nil, ErrTooLong
	}
	return answer, nil
}

// cause names what went wrong without the texts of the HTTP library: they hold the URL, or what the other side sent.
func cause(err error) error {
	var network *net.OpError
	switch timeout := net.Error(nil); {
	case errors.Is(err, context.Canceled):
		return errors.New("the caller left")
	case errors.As(err, &timeout) && timeout.Timeout():
		return ErrTimeOut
	case errors.As(err, &network):
		return errors.New("no connection: " + network.Op)
	}
	return errors.New("the answer cannot be read")
}
