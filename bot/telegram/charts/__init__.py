"""Pictures for phones, as PNG: pure functions from figures and ready words to bytes; they know no language.

They take some tens of milliseconds of CPU: call them in a thread.
"""

from bot.telegram.charts.balance import BalanceChart, balance_chart
from bot.telegram.charts.stats import Bar, Share, StatsChart, stats_chart

__all__ = ["BalanceChart", "Bar", "Share", "StatsChart", "balance_chart", "stats_chart"]
