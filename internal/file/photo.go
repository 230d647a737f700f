package file

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"

	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"

	"tongban/internal/fault"
)

// Photo is what we made of an upload: an upright JPEG without metadata, or a PDF as it was sent.
type Photo struct {
	Bytes         []byte
	Media         string // JPEG or PDF
	Pages         int    // of a PDF
	Width, Height int    // of a photo
	SHA256Sent    string // hex, of the upload
	SHA256Stored  string // hex, of what is kept
}

const (
	maxPixels = 40_000_000
	maxSide   = 12_000
	maxScans  = 32 // a progressive photo has about ten; thousands in a small file would cost minutes
	quality   = 85
	seats     = 2  // photos decoded at once: one may take some hundred MB
	hands     = 16 // uploads held in memory at once, 10 MB each; a slow village line takes a hand, never a seat
)

const (
	formatJPEG = "image/jpeg"
	formatPNG  = "image/png"
	formatWebP = "image/webp"
)

// Darkroom makes photos. There is one in a program, because its limits are the machine's.
type Darkroom struct {
	seats, hands *semaphore.Weighted
	maxPixels    int
}

// NewDarkroom has two seats.
func NewDarkroom() *Darkroom {
	return &Darkroom{semaphore.NewWeighted(seats), semaphore.NewWeighted(hands), maxPixels}
}

// Take makes of an upload what is kept, a photo anew, a PDF as it was sent once it was looked through; or says what is wrong with it.
// What can be neither is refused before it costs anything. It waits for its turn until ctx ends.
func (d *Darkroom) Take(ctx context.Context, from io.Reader) (*Photo, error) {
	return d.inHand(ctx, from, func(ctx context.Context, sent []byte) (*Photo, error) {
		if mimetype.Detect(sent).Is(PDF) {
			return d.pdf(ctx, sent)
		}
		return d.photo(ctx, sent)
	})
}

// inHand reads the whole upload while it has a hand.
func (d *Darkroom) inHand(ctx context.Context, from io.Reader, do func(context.Context, []byte) (*Photo, error)) (*Photo, error) {
	if err := d.hands.Acquire(ctx, 1); err != nil {
		return nil, fault.Busy.Because(err)
	}
	defer d.hands.Release(1)
	sent, err := wholeOf(from)
	if errors.Is(err, fault.Internal) {
		return nil, err // our own folder failed, not the sender
	}
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	if len(sent) > maxSent {
		return nil, ErrTooLarge
	}
	return do(ctx, sent)
}

func (d *Darkroom) photo(ctx context.Context, sent []byte) (*Photo, error) {
	format, err := d.inspect(sent)
	if err != nil {
		return nil, err
	}
	if err := d.seats.Acquire(ctx, 1); err != nil {
		return nil, fault.Busy.Because(err)
	}
	defer d.seats.Release(1)
	return develop(format, sent)
}

func (d *Darkroom) pdf(ctx context.Context, sent []byte) (*Photo, error) {
	if err := d.seats.Acquire(ctx, 1); err != nil {
		return nil, fault.Busy.Because(err)
	}
	defer d.seats.Release(1)
	pages, err := pdfPages(ctx, sent)
	if err != nil {
		return nil, err
	}
	return &Photo{Bytes: sent, Media: PDF, Pages: pages, SHA256Sent: sum(sent), SHA256Stored: sum(sent)}, nil
}

// wholeOf reads everything, up to one byte too many; what lies in memory already is not copied.
func wholeOf(from io.Reader) ([]byte, error) {
	if held, ok := from.(interface{ Bytes() []byte }); ok {
		return held.Bytes(), nil
	}
	return io.ReadAll(io.LimitReader(from, maxSent+1))
}

// inspect looks at the first bytes and the claimed size. Name and declared type are the sender's word and count nothing.
func (d *Darkroom) inspect(sent []byte) (format string, err error) {
	format = mimetype.Detect(sent).String()
	var size image.Config
	switch format {
	case formatJPEG:
		size, err = jpeg.DecodeConfig(bytes.NewReader(sent))
	case formatPNG:
		size, err = png.DecodeConfig(bytes.NewReader(sent))
	case formatWebP:
		size, err = webp.DecodeConfig(bytes.NewReader(sent))
	default:
		return "", ErrUnsupported
	}
	switch {
	case err != nil:
		return "", ErrDamaged.Because(err)
	case size.Width < 1 || size.Height < 1:
		return "", ErrDamaged
	case size.Width > maxSide || size.Height > maxSide || size.Width*size.Height > d.maxPixels:
		return "", ErrTooManyPixels
	case format == formatJPEG && scans(sent) > maxScans:
		return "", ErrDamaged.Because(fmt.Errorf("more than %d scans", maxScans))
	}
	return format, nil
}

func develop(format string, sent []byte) (*Photo, error) {
	raw, err := decode(format, sent)
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	final := turn(shrink(raw), orientation(format, sent))
	var out bytes.Buffer
	if err := jpeg.Encode(&out, final, &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return &Photo{
		Bytes: out.Bytes(), Media: JPEG, Width: final.Rect.Dx(), Height: final.Rect.Dy(),
		SHA256Sent: sum(sent), SHA256Stored: sum(out.Bytes()),
	}, nil
}

// decode never panics: a decoder that stumbles over hostile bytes is the upload's fault, not the program's end.
func decode(format string, sent []byte) (raw image.Image, err error) {
	defer func() {
		if stumbled := recover(); stumbled != nil {
			raw, err = nil, fmt.Errorf("decoder: %v", stumbled)
		}
	}()
	switch format {
	case formatJPEG:
		return jpeg.Decode(bytes.NewReader(sent))
	case formatPNG:
		return png.Decode(bytes.NewReader(sent))
	default:
		return webp.Decode(bytes.NewReader(sent))
	}
}

// shrink draws the photo on white paper, its longer side at most longestSide.
func shrink(raw image.Image) *image.RGBA {
	from := raw.Bounds()
	width, height := from.Dx(), from.Dy()
	if longer := max(width, height); longer > longestSide {
		width = max(1, (width*longestSide+longer/2)/longer)
		height = max(1, (height*longestSide+longer/2)/longer)
	}
	paper := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(paper, paper.Rect, image.NewUniform(color.White), image.Point{}, draw.Src)
	if width == from.Dx() && height == from.Dy() {
		draw.Draw(paper, paper.Rect, raw, from.Min, draw.Over)
		return paper
	}
	draw.ApproxBiLinear.Scale(paper, paper.Rect, raw, from, draw.Over, nil)
	return paper
}

// turn puts the photo upright.
func turn(raw *image.RGBA, how int) *image.RGBA {
	if how == upright {
		return raw
	}
	w, h := raw.Rect.Dx(), raw.Rect.Dy()
	final := image.NewRGBA(image.Rect(0, 0, w, h))
	if how >= 5 {
		final = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range final.Rect.Dy() {
		for x := range final.Rect.Dx() {
			var fx, fy int
			switch how {
			case 2:
				fx, fy = w-1-x, y
			case 3:
				fx, fy = w-1-x, h-1-y
			case 4:
				fx, fy = x, h-1-y
			case 5:
				fx, fy = y, x
			case 6:
				fx, fy = y, h-1-x
			case 7:
				fx, fy = w-1-y, h-1-x
			default: // 8
				fx, fy = w-1-y, x
			}
			copy(final.Pix[final.PixOffset(x, y):][:4], raw.Pix[raw.PixOffset(fx, fy):][:4])
		}
	}
	return final
}

func sum(content []byte) string {
	hash := sha256.Sum256(content)
	return hex.EncodeToString(hash[:])
}
