"""Pictures that citizens send: receipts, cards, and what somebody made to hurt."""

import io

import segno
import zxingcpp
from PIL import Image

CARD = "096301001234|381234567|NGUYEN THI LAN|01011990|Nữ|Cà Mau|01012022"
TOKEN = "A-receipt_token-0123456789"


def qr(text: str, kind: str = "png") -> bytes:
    drawn, picture = io.BytesIO(), io.BytesIO()
    segno.make_qr(text, error="m").save(drawn, kind="png", scale=6)
    Image.open(drawn).convert("RGB").save(picture, kind.upper())
    return picture.getvalue()


def beside(*pictures: bytes) -> bytes:
    images = [Image.open(io.BytesIO(picture)) for picture in pictures]
    size = (sum(i.width for i in images), max(i.height for i in images))
    sheet, left = Image.new("RGB", size, "white"), 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width
    return saved(sheet)


def saved(image: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", **how)
    return out.getvalue()


def barcode(text: str) -> bytes:
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    return saved(Image.fromarray(made.to_image(scale=4)))
