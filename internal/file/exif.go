package file

import (
	"bytes"
	"encoding/binary"
)

// A phone writes the pixels as the sensor saw them and notes in EXIF how to turn them. That note is all we read of the
// metadata. Bytes here are hostile: every reader is bounded by its slice and answers 1 (upright) when in doubt.

const upright = 1

// orientation of a photo: 1 to 8 as in the EXIF standard.
func orientation(format string, sent []byte) int {
	switch format {
	case formatJPEG:
		found := upright
		eachSegment(sent, func(marker byte, payload []byte) bool {
			if marker != app1 || !bytes.HasPrefix(payload, exifMark) {
				return true
			}
			found = fromTIFF(payload[len(exifMark):])
			return false
		})
		return found
	case formatPNG:
		return fromTIFF(pngChunk(sent, "eXIf"))
	case formatWebP:
		return fromTIFF(bytes.TrimPrefix(webpChunk(sent, "EXIF"), exifMark))
	}
	return upright
}

const (
	sos  = 0xDA // start of scan
	eoi  = 0xD9 // end of image
	app1 = 0xE1
)

var exifMark = []byte("Exif\x00\x00")

// eachSegment visits the segments of a JPEG until the visitor has enough. It is as lenient as the decoder: what lies
// between segments (the scans' own data, stuffed zeros, restart markers) is passed over.
func eachSegment(sent []byte, visit func(marker byte, payload []byte) bool) {
	rest := sent
	for {
		next := bytes.IndexByte(rest, 0xFF)
		if next < 0 {
			return
		}
		rest = rest[next:]
		for len(rest) > 0 && rest[0] == 0xFF { // any number of them may lead a marker
			rest = rest[1:]
		}
		if len(rest) < 3 {
			return
		}
		marker := rest[0]
		rest = rest[1:]
		switch {
		case marker == 0 || marker >= 0xD0 && marker <= 0xD8: // stuffed zero, restart, start of image
			continue
		case marker == eoi:
			return
		}
		length := int(binary.BigEndian.Uint16(rest)) // counts itself
		if length < 2 || length > len(rest) {
			return
		}
		if !visit(marker, rest[2:length]) {
			return
		}
		rest = rest[length:]
	}
}

// scans counts how often a JPEG goes over all its pixels.
func scans(sent []byte) (n int) {
	eachSegment(sent, func(marker byte, _ []byte) bool {
		if marker == sos {
			n++
		}
		return true
	})
	return n
}

// pngChunk is the content of the first chunk of that kind: length, kind, content, checksum.
func pngChunk(sent []byte, kind string) []byte {
	const signature, frame = 8, 12
	for at := signature; at+frame <= len(sent); {
		length := binary.BigEndian.Uint32(sent[at:])
		if uint64(length) > uint64(len(sent)-at-frame) {
			return nil
		}
		if string(sent[at+4:at+8]) == kind {
			return sent[at+8 : at+8+int(length)]
		}
		at += frame + int(length)
	}
	return nil
}

// webpChunk is the content of the first RIFF chunk of that kind: kind, length, content, padded to even.
func webpChunk(sent []byte, kind string) []byte {
	const header, frame = 12, 8
	for at := header; at+frame <= len(sent); {
		length := binary.LittleEndian.Uint32(sent[at+4:])
		if uint64(length) > uint64(len(sent)-at-frame) {
			return nil
		}
		if string(sent[at:at+4]) == kind {
			return sent[at+frame : at+frame+int(length)]
		}
		at += frame + int(length) + int(length&1)
	}
	return nil
}

// fromTIFF finds tag 0x0112 in the first directory of a TIFF block: a short with a value of 1 to 8.
func fromTIFF(block []byte) int {
	const tag, short, entry = 0x0112, 3, 12
	if len(block) < 8 {
		return upright
	}
	var order binary.ByteOrder
	switch string(block[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return upright
	}
	at := uint64(order.Uint32(block[4:]))
	if at+2 > uint64(len(block)) {
		return upright
	}
	count := int(order.Uint16(block[at:]))
	directory := block[at+2:]
	for i := 0; i < count && (i+1)*entry <= len(directory); i++ {
		e := directory[i*entry:]
		if order.Uint16(e) != tag || order.Uint16(e[2:]) != short {
			continue
		}
		if value := int(order.Uint16(e[8:])); value >= 1 && value <= 8 {
			return value
		}
		return upright
	}
	return upright
}
