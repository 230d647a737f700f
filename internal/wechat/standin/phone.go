package standin

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
)

// tokenLife is what the real service says.
const tokenLife = 7200

// ExpireToken makes the token that is good now a bad one, as the real service does after a change of the secret.
func (s *Server) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = rand.Text()
}

// Tokens counts how often an access token was asked for.
func (s *Server) Tokens() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens
}

// giveToken answers the same token to everybody while it is good.
func (s *Server) giveToken(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Grant  string `json:"grant_type"`
		AppID  string `json:"appid"`
		Secret string `json:"secret"`
	}
	if !readInto(w, r, &in) {
		return
	}
	switch {
	case in.AppID != s.appID:
		refuse(w, 40013, "invalid appid")
	case in.Secret != s.secret:
		refuse(w, 40125, "invalid appsecret")
	case in.Grant != "client_credential":
		refuse(w, 40002, "invalid grant_type")
	default:
		s.mu.Lock()
		s.tokens++
		token := s.token
		s.mu.Unlock()
		say(w, map[string]any{"access_token": token, "expires_in": tokenLife})
	}
}

var phoneCode = regexp.MustCompile(`^phone\.(1[3-9][0-9]{9})(\..*)?$`)

// tellPhone answers the number that the code names.
func (s *Server) tellPhone(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Code string `json:"code"`
	}
	if !readInto(w, r, &in) {
		return
	}
	s.mu.Lock()
	good := r.URL.Query().Get("access_token") == s.token
	s.mu.Unlock()
	named := phoneCode.FindStringSubmatch(in.Code)
	switch {
	case !good:
		refuse(w, 40001, "invalid credential, access_token is invalid or not latest")
	case named == nil || !s.use(in.Code): // used or unknown: the real service makes no difference
		refuse(w, 40029, "invalid code")
	default:
		say(w, map[string]any{"errcode": 0, "errmsg": "ok", "phone_info": map[string]any{
			"phoneNumber": named[1], "purePhoneNumber": named[1], "countryCode": "86", "watermark": map[string]any{"appid": s.appID, "timestamp": 0},
		}})
	}
}

func readInto(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err != nil || json.Unmarshal(body, into) != nil {
		refuse(w, 47001, "data format error")
		return false
	}
	return true
}
