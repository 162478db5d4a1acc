"""The time door: wakes the work that is due, keeps as much of it under way as is wanted, and stops it in order."""

from bot.workers.bell import Bell, Ear
from bot.workers.courtesy import Courtesy
from bot.workers.loops import at_intervals, every, supervised, until
from bot.workers.pump import Lane, Pump

__all__ = ["Bell", "Courtesy", "Ear", "Lane", "Pump", "at_intervals", "every", "supervised", "until"]
