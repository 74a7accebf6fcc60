"""Writes src/features/analytics/scipy-reference.json: what NumPy and SciPy say, for statistics tests to agree with.

Run with Debian's own packages (python3-numpy, python3-scipy):

    /usr/bin/python3 scripts/scipy-reference.py && npx prettier --write src/features/analytics/scipy-reference.json

`analyze_data` below is the guide's, word for word. Values that Python would write as NaN are null.

Two results of Debian's SciPy 1.10 are less exact than the 1e-9 that tests ask for, and are computed by SciPy more exactly:
quantiles of t, off by up to 3e-9 (later releases are not), get two Newton steps by SciPy's own distribution and density;
skewness and kurtosis of data far from 0 are computed in long doubles.
"""
import asyncio
import json
import math
import pathlib
import warnings

import numpy as np
import scipy
from scipy import stats

TARGET = pathlib.Path(__file__).parent.parent / "src/features/analytics/scipy-reference.json"
LEVELS = [0.8, 0.95, 0.99]


async def analyze_data(data: list, analysis_type: str, confidence_level: float = 0.95) -> dict:
    """
    Perform statistical analysis on numerical data.
    """
    import numpy as np
    from scipy import stats

    data_array = np.array(data)

    if analysis_type == "statistical":
        return {
            "analysis_type": "statistical",
            "summary": {
                "mean": float(np.mean(data_array)),
                "median": float(np.median(data_array)),
                "std_dev": float(np.std(data_array)),
                "min": float(np.min(data_array)),
                "max": float(np.max(data_array)),
                "count": len(data_array)
            },
            "confidence_interval": {
                "level": confidence_level,
                "lower": float(stats.t.interval(confidence_level, len(data_array)-1,
                                               loc=np.mean(data_array),
                                               scale=stats.sem(data_array))[0]),
                "upper": float(stats.t.interval(confidence_level, len(data_array)-1,
                                               loc=np.mean(data_array),
                                               scale=stats.sem(data_array))[1])
            }
        }

    elif analysis_type == "trend":
        # Simple linear trend analysis
        x = np.arange(len(data_array))
        slope, intercept, r_value, p_value, std_err = stats.linregress(x, data_array)

        return {
            "analysis_type": "trend",
            "trend": {
                "slope": float(slope),
                "intercept": float(intercept),
                "correlation": float(r_value),
                "p_value": float(p_value),
                "standard_error": float(std_err)
            },
            "interpretation": {
                "direction": "increasing" if slope > 0 else "decreasing" if slope < 0 else "stable",
                "strength": "strong" if abs(r_value) > 0.7 else "moderate" if abs(r_value) > 0.3 else "weak",
                "significant": p_value < (1 - confidence_level)
            }
        }

    elif analysis_type == "correlation":
        # Auto-correlation analysis
        correlation = np.correlate(data_array, data_array, mode='full')
        correlation = correlation[correlation.size // 2:]
        correlation = correlation / correlation[0]  # Normalize

        return {
            "analysis_type": "correlation",
            "autocorrelation": correlation[:min(10, len(correlation))].tolist(),
            "periodicity_detected": bool(np.any(correlation[1:] > 0.5)),
            "dominant_period": int(np.argmax(correlation[1:]) + 1) if np.any(correlation[1:] > 0.5) else None
        }


def refine_t_quantiles() -> None:
    coarse = stats.t._ppf

    def refined(p, df):
        t = coarse(p, df)
        for _ in range(2):
            t = t - (stats.t._cdf(t, df) - p) / stats.t._pdf(t, df)
        return t

    stats.t._ppf = refined


def data_sets() -> dict:
    random = np.random.default_rng(20261122)
    steps = np.arange
    sets = {
        "random": random.normal(10, 3, 50),
        "uniform": random.uniform(0, 1, 100),
        "skewed": random.exponential(2, 80),
        "trending up": 0.7 * steps(40) + random.normal(0, 2, 40),
        "trending down": 100 - 1.3 * steps(60) + random.normal(0, 30, 60),
        "periodic": np.sin(2 * np.pi * steps(120) / 12) + random.normal(0, 0.05, 120),
        "whole numbers in a line": steps(1, 11),
        "pulses": np.where(steps(60) % 7 == 0, 5, 0),
        "constant": np.full(8, 5),
        "zeros": np.zeros(5),
        "one point": np.array([42.5]),
        "two points": np.array([3, 7.25]),
        "two equal points": np.array([3, 3]),
        "three points": np.array([1, 4, 2]),
        "huge offset": 1e12 + np.round(random.normal(0, 50, 50), 3),
        "tiny": random.normal(0, 1, 30) * 1e-60,
        "negative": -random.gamma(2, 50, 45),
        "alternating": np.where(steps(22) % 2 == 0, 1.5, -1.5),
        "outlier": np.append(random.normal(0, 1, 29), 500),
        "thousand": random.normal(0, 1, 1000) + np.cos(steps(1000) / 8),
        "long pulses": np.where(steps(3000) % 37 == 0, 4, 0),
    }
    return {name: [float(f"{value:.7g}") if name != "huge offset" else float(value) for value in data]
            for name, data in sets.items()}


def main() -> None:
    refine_t_quantiles()
    run = lambda *arguments: asyncio.run(analyze_data(*arguments))
    sets = data_sets()
    analyses = [
        {
            "name": name,
            "data": data,
            "statistical": [run(data, "statistical", level) for level in LEVELS],
            "trend": [{"level": level, **run(data, "trend", level)} for level in LEVELS],
            "correlation": run(data, "correlation"),
            "sem": float(stats.sem(data)),
            "skewness": float(stats.skew(np.array(data, dtype=np.longdouble))),
            "kurtosis": float(stats.kurtosis(np.array(data, dtype=np.longdouble))),
        }
        for name, data in sets.items()
    ]
    pairs = [("random", "outlier"), ("periodic", "uniform"), ("trending up", "negative"), ("huge offset", "skewed"),
             ("constant", "random"), ("two points", "three points"), ("whole numbers in a line", "trending down")]
    cut = lambda name, other: sets[name][:min(len(sets[name]), len(sets[other]))]
    reference = {
        "made_by": f"scripts/scipy-reference.py, numpy {np.__version__}, scipy {scipy.__version__} with refined t quantiles",
        "analyses": analyses,
        "pearson": [
            {"x": [name, len(cut(name, other))], "y": [other, len(cut(other, name))],
             "r": float(stats.pearsonr(cut(name, other), cut(other, name))[0])}
            for name, other in pairs
        ],
        "t_cdf": [{"t": t, "df": df, "p": float(stats.t.cdf(t, df))}
                  for df in [1, 2, 3, 5, 10, 30, 99, 1000, 99999]
                  for t in [-40, -6.5, -2, -0.5, -1e-8, 0, 0.3, 1, 1.96, 3, 12]],
        "t_quantile": [{"p": p, "df": df, "t": float(stats.t.ppf(p, df))}
                       for df in [1, 2, 3, 5, 10, 30, 99, 1000, 99999]
                       for p in [1e-6, 0.005, 0.025, 0.1, 0.4, 0.51, 0.75, 0.9, 0.975, 0.995, 0.9999]],
    }
    TARGET.write_text(json.dumps(without_nan(reference)) + "\n")


def without_nan(value):
    if isinstance(value, dict):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(entry) for entry in value]
    if isinstance(value, np.bool_):
        return bool(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
