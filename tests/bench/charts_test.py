"""Tests of charts.py: that whatever a run answers becomes a picture that a viewer can read."""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import charts

SVG = "{http://www.w3.org/2000/svg}"


def row(name="fanout/256", ours=300.0, peers=None, **more):
    peers = {"etcd": 100.0} if peers is None else peers
    return {"row": name, "ours": ours, "peers": peers, "ratio": 3.0, "aim": 2.0, "met": True, "aim_is": "at least",
            "unit": "deliveries/s", "spread": {"ours": [290.0, 310.0], "etcd": [100.0, 100.0]}, "rounds": 3, **more}


class ChartsTest(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = pathlib.Path(made.name) / "charts"

    def draw(self, *results):
        """The parsed pictures of the rows, without the overview, in the order of their names."""
        charts.write(list(results), self.folder)
        parsed = {path.name: ElementTree.parse(path).getroot() for path in sorted(self.folder.glob("*.svg"))}
        self.assertIn("overview.svg", parsed)
        del parsed["overview.svg"]
        self.assertEqual(len(parsed), len(results))
        return list(parsed.values())

    def texts(self, picture):
        return [element.text for element in picture.iter(f"{SVG}text")]

    def bars(self, picture):
        """The widths of the bars, ours first."""
        return [float(rect.get("width")) for rect in picture.iter(f"{SVG}rect")][1:]

    def lines(self, picture, stroke):
        return [float(line.get("x1")) for line in picture.iter(f"{SVG}line") if line.get("stroke") == stroke]

    def test_bars_are_in_proportion(self):
        ours, etcd = self.bars(self.draw(row())[0])
        self.assertAlmostEqual(ours, 3 * etcd, delta=0.2)

    def test_aim_as_a_ratio_is_drawn_at_that_multiple_of_the_peer(self):
        picture = self.draw(row())[0]
        _, etcd = self.bars(picture)
        self.assertAlmostEqual(self.lines(picture, charts.AIM)[0] - charts.PLOT_LEFT, 2 * etcd, delta=0.2)

    def test_aim_of_ours_alone_is_drawn_at_its_value(self):
        picture = self.draw(row(peers={}, ratio=None, aim=150.0))[0]
        self.assertAlmostEqual(self.lines(picture, charts.AIM)[0] - charts.PLOT_LEFT, self.bars(picture)[0] / 2,
                               delta=0.2)

    def test_aim_follows_the_named_peer(self):
        picture = self.draw(row(peers={"floor": 200.0, "etcd": 100.0}, against="etcd"))[0]
        self.assertAlmostEqual(self.lines(picture, charts.AIM)[0] - charts.PLOT_LEFT, 2 * self.bars(picture)[2],
                               delta=0.2)

    def test_aim_of_an_unnamed_peer_is_told_but_not_drawn(self):
        picture = self.draw(row(peers={"floor": 200.0, "etcd": 100.0}))[0]
        self.assertEqual(self.lines(picture, charts.AIM), [])
        self.assertIn("aim: at least 2 × the peer; this run 3 ×", self.texts(picture))

    def test_row_is_told_in_words(self):
        picture = self.draw(row())[0]
        self.assertEqual(picture.find(f"{SVG}title").text, "fanout/256")
        self.assertEqual(picture.find(f"{SVG}desc").text,
                         "fanout/256, deliveries/s: ours 300 (290 to 310); etcd 100. "
                         "Aim: at least 2 × etcd; this run 3 ×, met.")

    def test_large_numbers_have_separators(self):
        self.assertIn("1,234,567", self.texts(self.draw(row(ours=1234567.0))[0]))

    def test_labels_of_the_axis_stand_apart(self):
        for value in (3.0, 199.9, 99_999_999_999.0, 1e300):
            with self.subTest(value=value):
                picture = self.draw(row(ours=value))[0]
                ends = []
                for label in picture.iter(f"{SVG}text"):
                    if label.get("text-anchor") == "middle" and label.text != "aim":
                        half = len(label.text) * charts.SMALL * charts.CHARACTER / 2
                        ends += [float(label.get("x")) - half, float(label.get("x")) + half]
                self.assertGreaterEqual(len(ends), 4)
                self.assertEqual(ends, sorted(ends))

    def test_values_and_spreads_stand_beside_the_plot(self):
        picture = self.draw(row(ours=99_999_999_998.0, spread={"ours": [99_999_999_997.0, 99_999_999_999.0]}))[0]
        spread = next(text for text in picture.iter(f"{SVG}text") if " to " in text.text)
        width = len(spread.text) * charts.SMALL * 0.56  # of digits and commas
        self.assertGreaterEqual(float(spread.get("x")) - width, charts.PLOT_RIGHT)

    def test_note_is_shown(self):
        self.assertIn("synced, not batched", self.texts(self.draw(row(note="synced, not batched"))[0]))

    def test_missed_aim_is_said(self):
        self.assertIn("aim missed", self.texts(self.draw(row(met=False))[0]))

    def test_failed_row_says_why(self):
        failed = {"row": "get", "ours": None, "peers": {}, "ratio": None, "aim": None, "met": False,
                  "error": "etcd <3.4> & co. is \x00 not\ud800 installed"}
        texts = self.texts(self.draw(failed)[0])
        self.assertIn("no figure", texts)
        self.assertIn("etcd <3.4> & co. is ? not? installed", texts)

    def test_awkward_values_stay_within_the_plot(self):
        for value in (0, 0.0, 1e-9, 1e300, -5.0, None, float("nan"), float("inf")):
            with self.subTest(value=value):
                pictures = self.draw(row(ours=value, spread={"ours": [value, value]}, ratio=value))
                for width in self.bars(pictures[0]):
                    self.assertTrue(0 <= width <= charts.PLOT_RIGHT - charts.PLOT_LEFT, width)

    def test_what_xml_cannot_hold_is_replaced(self):
        self.assertIn("a?b", self.texts(self.draw(row(unit="a\x0bb"))[0]))

    def test_all_zero(self):
        picture = self.draw(row(ours=0.0, peers={"etcd": 0.0}, ratio=None, aim=0, spread={}))[0]
        self.assertEqual(self.bars(picture), [0.0, 0.0])

    def test_markup_in_every_text_is_only_text(self):
        mark = '<b>"&\'</b>'
        picture = self.draw(row(name=mark, peers={mark: 100.0}, unit=mark, note=mark, aim_is=mark))[0]
        self.assertEqual(picture.find(f"{SVG}title").text, mark)
        self.assertIn(mark, self.texts(picture))
        self.assertEqual(list(picture.iter(f"{SVG}b")), [])
        self.assertNotIn("<b>", (self.folder / "index.html").read_text())

    def test_long_texts_are_cut_within_the_picture(self):
        picture = self.draw(row(name="n" * 500, peers={"a peer of a long name " * 9: 100.0}, note="word " * 500))[0]
        for element in picture.iter(f"{SVG}text"):
            size = float(element.get("font-size"))
            self.assertLessEqual(len(element.text) * size * charts.CHARACTER, charts.WIDTH - 2 * charts.MARGIN)
        self.assertTrue(any(text.endswith("…") for text in self.texts(picture)))

    def test_rows_of_one_name_are_all_kept(self):
        self.draw(row(), row(), row(name="Overview"))
        page = (self.folder / "index.html").read_text()
        self.assertEqual(page.count("<img "), 3)

    def test_same_results_make_the_same_bytes(self):
        charts.write([row(), row(name="replay")], self.folder)
        first = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        charts.write([row(), row(name="replay")], self.folder)
        self.assertEqual(first, {path.name: path.read_bytes() for path in self.folder.iterdir()})

    def test_no_rows(self):
        self.draw()


if __name__ == "__main__":
    unittest.main()
