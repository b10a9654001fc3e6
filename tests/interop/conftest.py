# SPDX-License-Identifier: MIT
"""The interop tests use the system tests' harness."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "system"))
