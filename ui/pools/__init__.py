"""Pools: their level, options, PINs, stations and members."""
