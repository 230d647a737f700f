package api

import (
	"context"
	"errors"
	"net/netip"
	"strings"

	"github.com/gin-gonic/gin"

	"tongban/internal/access"
	"tongban/internal/account"
	"tongban/internal/fault"
)

var errTokenUnreadable = fault.New(fault.Unauthenticated, "token.unreadable", "登录信息无效，请重新登录")

// identify says who asks, and whether the route is for him: 401 only for a missing or bad token, 403 for the wrong person.
func (s *Server) identify(c *gin.Context, r *Route) (access.Actor, error) {
	given := c.Request.Header.Values("Authorization")
	switch {
	case r.Audience == open, r.Audience == optional && len(given) == 0:
		return access.Stranger(), nil
	case len(given) == 0:
		return access.Stranger(), fault.NeedLogin
	}
	ctx := c.Request.Context()
	actor, err := s.bearer(ctx, given)
	if err != nil {
		// Guesses are counted, and not what was given once: many villagers come back from one address with tokens that are over.
		if fault.Of(err).Kind == fault.Unauthenticated && !errors.Is(err, account.ErrOver) {
			if limit := s.limit(ctx, refused, access.Stranger()); limit != nil {
				return access.Stranger(), limit
			}
		}
		return access.Stranger(), err
	}
	if !r.Audience.admits(actor) {
		return actor, fault.NotYours
	}
	return actor, nil
}

func (s *Server) bearer(ctx context.Context, given []string) (access.Actor, error) {
	scheme, token, _ := strings.Cut(given[0], " ")
	if len(given) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" || strings.ContainsAny(token, " ,") {
		return access.Stranger(), errTokenUnreadable
	}
	actor, err := s.Identify(ctx, token)
	if err == nil && !actor.Signed() {
		return actor, errTokenUnreadable
	}
	return actor, err
}

// clientAddress is the socket's peer, or what a trusted proxy says. Of an IPv6 address it is the network of 64 bits,
// because one visitor has all the addresses in it.
func clientAddress(c *gin.Context) string {
	text := c.ClientIP()
	if !strings.Contains(text, ":") {
		return text
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return text
	}
	network, err := address.WithZone("").Prefix(64)
	if err != nil {
		return text
	}
	return network.String()
}
