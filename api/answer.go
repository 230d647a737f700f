package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"tongban/internal/store"
)

// payload is the body of an answer: a view, or the bytes that were made of it. What an idempotency key stored is sent
// byte by byte as it was.
type payload[V any] struct {
	view  V
	bytes []byte
}

func (p payload[V]) encoded() []byte { return p.bytes }

// Schema documents the view.
func (payload[V]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[V](), true, "")
}

// reply is a success of 200. Make one with show or answer.
type reply[V any] struct {
	Status   int
	ETag     string `header:"ETag" hidden:"true"`
	Encoding string `header:"Content-Encoding" hidden:"true"`
	Body     payload[V]
}

// made is a success of 201. Make one with created.
type made[V located] struct {
	Location string `header:"Location" doc:"新建内容的地址"`
	Body     payload[V]
}

// located is a view that knows its own address below the base path, such as /appeals/ and its id.
type located interface{ location() string }

// show answers a read with a view.
func show[V any](view V) *reply[V] {
	return &reply[V]{Body: payload[V]{view: view}}
}

// finish encodes the view before the first byte goes out, so that a failure is still a clean 500.
func (r *reply[V]) finish(ctx context.Context) (err error) {
	if r.Body.bytes == nil {
		if r.Body.bytes, err = encode(r.Body.view); err != nil {
			return err
		}
	}
	r.Status = http.StatusOK
	if c := callOf(ctx); c != nil && c.route.Public {
		kept := keepable(r.Body.bytes, c.header)
		r.Status, r.ETag, r.Encoding, r.Body.bytes = kept.status, kept.etag, kept.encoding, kept.body
	}
	return nil
}

// answer runs a verb that moves something and shows its result to this reader. The view is rendered inside the verb's
// transaction and stored with the request's idempotency key; a repeated request gets the stored bytes and the verb's
// work is not done again.
func answer[T, V any](ctx context.Context, view func(T) V, verb func(context.Context) (T, error)) (*reply[V], error) {
	told, err := tell(ctx, view, nowhere, verb)
	if err != nil {
		return nil, err
	}
	return &reply[V]{Body: payload[V]{bytes: told.Body}}, nil
}

// created is answer for a verb that makes something.
func created[T any, V located](ctx context.Context, view func(T) V, verb func(context.Context) (T, error)) (*made[V], error) {
	told, err := tell(ctx, view, somewhere, verb)
	if err != nil {
		return nil, err
	}
	return &made[V]{Location: told.Location, Body: payload[V]{bytes: told.Body}}, nil
}

// renders is how what a verb answers goes out.
func renders[T, V any](view func(T) V, place func(V) string) func(any) (store.Answer, error) {
	return func(done any) (store.Answer, error) {
		value, ok := done.(T)
		if !ok {
			return store.Answer{}, fmt.Errorf("api: the verb answered %T, the view wants %v", done, reflect.TypeFor[T]())
		}
		v := view(value)
		body, err := encode(v)
		return store.Answer{Location: place(v), Body: body}, err
	}
}

func nowhere[V any](V) string { return "" }

func somewhere[V located](v V) string { return base + v.location() }

func tell[T, V any](ctx context.Context, view func(T) V, place func(V) string, verb func(context.Context) (T, error)) (store.Answer, error) {
	render := renders(view, place)
	claim := store.ClaimFrom(ctx)
	var stored *store.Answer // the last rendering is the committed one: a transaction may have been tried twice
	if claim != nil {
		claim.View = func(done any) (store.Answer, error) {
			a, err := render(done)
			stored = &a
			return a, err
		}
	}
	err := callOf(ctx).before(ctx) // else the verb judges by today's rules what was accepted once
	var done T
	if err == nil {
		done, err = verb(ctx)
	}
	if before, ok := errors.AsType[*store.Replay](err); ok {
		return before.Answer, nil
	}
	switch {
	case err != nil:
		return store.Answer{}, err
	case claim == nil:
		return render(done)
	case stored == nil:
		return store.Answer{}, errors.New("api: a verb under an idempotency key wrote nothing")
	}
	return *stored, nil
}
