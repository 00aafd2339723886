"""The fields of a plan's header and guards with their ranges, for whoever writes or checks a plan."""

# The order of planformat.HEADER, each with its least and greatest value and the default (None: the plan must say it).
HEADER_FIELDS = (
    ("stage_no", 1, 99, None),
    ("stage_count", 1, 99, 1),
    ("role", 0, 3, 0),
    ("lat0_e6", -90000000, 90000000, 0),
    ("lon0_e6", -180000000, 180000000, 0),
    ("cos_q15", 0, 32768, 32768),
    ("cs_cms", 100, 700, None),
    ("length_dm", 0, 1 << 23, 0),
    ("ecc_cms", 0, 1500, 0),
    ("hr_a_dbpm", -3000, 3000, 800),
    ("hr_b_dbpm", 100, 2400, 895),
    ("hr_cap_bpm", 0, 230, 0),
    ("hr_drift_dbpm_h", 0, 100, 15),
    ("hr_drift_max_dbpm", 0, 200, 80),
    ("ease_per_h", 0, 60, 4),
    ("debt_limit", 1, 1000, 100),
    ("head_start", 0, 1000, 0),
    ("ease_first_h", 0, 60, 4),
    ("planned_s", 0, 1 << 20, 0),
)
# The order of planformat.GUARDS; each is 0, as without the section, unless the plan says more.
GUARD_FIELDS = (
    ("after_stage", 0, 99),
    ("sink_cms", 0, 1000),
    ("ecc_budget_dm", 0, 65535),
    ("eat_every_m", 0, 65535),
)
