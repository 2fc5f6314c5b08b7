"""The proof of a watch, by the cases that all languages share."""

import json
import os
import unittest

from google.protobuf import json_format

from communique import WatchChain, v1


class ChainTest(unittest.TestCase):
    def test_cases(self):
        with open(os.environ["COMMUNIQUE_CHAINS"], encoding="utf-8") as file:
            cases = json.load(file)
        self.assertTrue(cases)
        for case in cases:
            with self.subTest(case["name"]):
                chain = WatchChain(json_format.ParseDict(case["request"], v1.WatchRequest()))
                for number, step in enumerate(case["steps"]):
                    verdict = chain.take(json_format.ParseDict(step["response"], v1.WatchResponse()))
                    self.assertEqual(verdict.value, step["verdict"], f"step {number}: {chain.problem}")
                    self.assertEqual(chain.through_revision, step["through"], f"step {number}")


if __name__ == "__main__":
    unittest.main()
