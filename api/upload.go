package api

import (
	"context"
	"time"

	"tongban/internal/access"
	"tongban/internal/file"
)

// uploadView is how far a file has come that is sent in pieces.
type uploadView struct {
	ID       string    `json:"id" format:"uuid"`
	Size     int64     `json:"size" doc:"整个文件的字节数，开始时报的"`
	SHA256   string    `json:"sha256" doc:"整个文件的校验值，开始时报的"`
	Received int64     `json:"received" doc:"已经传到第几个字节，从这里接着传"`
	Until    time.Time `json:"until" doc:"到这时还没有传完就作废"`
	File     string    `json:"file" doc:"传完以后的文件编号；没有传完为空"`
}

func (v uploadView) location() string { return "/uploads/" + v.ID }

func viewUpload(u *file.Upload) uploadView {
	return uploadView{u.ID, u.Size, u.SHA256, u.Received, u.Until(), u.File}
}

type beginUploadIn struct {
	Body struct {
		Size   int64  `json:"size" doc:"整个文件的字节数，不超过 10 MB"`
		SHA256 string `json:"sha256" maxLength:"64" doc:"整个文件的 SHA-256，十六进制"`
	}
}

func (s *Server) beginUpload(ctx context.Context, in *beginUploadIn) (*made[uploadView], error) {
	return created(ctx, viewUpload, func(ctx context.Context) (*file.Upload, error) {
		return s.Files.Announce(ctx, access.From(ctx), in.Body.Size, in.Body.SHA256)
	})
}

type uploadIn struct {
	ID ID `path:"id"`
}

func (s *Server) readUpload(ctx context.Context, in *uploadIn) (*reply[uploadView], error) {
	u, err := s.Files.Upload(ctx, access.From(ctx), string(in.ID))
	if err != nil {
		return nil, err
	}
	return show(viewUpload(u)), nil
}

type pieceIn struct {
	ID ID    `path:"id"`
	At int64 `query:"at" minimum:"0" required:"true" doc:"这一段从第几个字节起，就是 received"`
}

func (s *Server) addPiece(ctx context.Context, in *pieceIn, content []byte) (*reply[uploadView], error) {
	return answer(ctx, viewUpload, func(ctx context.Context) (*file.Upload, error) {
		return s.Files.Add(ctx, access.From(ctx), string(in.ID), in.At, content)
	})
}

func (s *Server) finishUpload(ctx context.Context, in *uploadIn) (*made[fileView], error) {
	return created(ctx, viewFile, func(ctx context.Context) (*file.File, error) {
		return s.Files.Finish(ctx, access.From(ctx), string(in.ID))
	})
}

func (s *Server) abandonUpload(ctx context.Context, in *uploadIn) error {
	return s.Files.Abandon(ctx, access.From(ctx), string(in.ID))
}
