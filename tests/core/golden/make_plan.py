"""Writes plan-v1.hbp, the plan that every later reader must read: `python -m core.golden.make_plan` in tests/.

Never rewrite the file of a released version: a new version gets a new file beside it.
"""

from pacing.planwriter import encode

# A short mountain stage: 2 km up a valley with a bend, 10 % between 300 m and 900 m.
SPEC = {
    "race": "Golden Trail",
    "stage_no": 2,
    "stage_count": 3,
    "role": 1,
    "lat0_e6": 46500000,
    "lon0_e6": 7700000,
    "cos_q15": 22556,
    "cs_cms": 371,
    "ecc_cms": 340,
    "hr_a_dbpm": 790,
    "hr_b_dbpm": 898,
    "hr_cap_bpm": 158,
    "hr_drift_dbpm_h": 14,
    "hr_drift_max_dbpm": 75,
    "ease_per_h": 5,
    "debt_limit": 90,
    "head_start": 10,
    "ease_first_h": 7,
    "planned_s": 1234,
    "points": [(46500000 + 45 * i, 7700000 + (i % 7) * 3, 51 * i) for i in range(400)],
    "profile": (200, [18000] * 15 + [18000 + 20 * i for i in range(30)] + [18600] * 58),
    "caps": [(3000, 820, 290, 0), (9000, 860, 180, 1), (12000, 800, 0, 2), (20349, 800, 330, 8)],
    "stations": [(9000, 0, "Hütte"), (15000, 3600, "")],
    "fuel": (45, 1200),
}

if __name__ == "__main__":
    from pathlib import Path

    Path(__file__).with_name("plan-v1.hbp").write_bytes(encode(SPEC))
