"""Interpretable students fitted around samples of a teacher: the heart of DeepVID."""

from deepvid.students.students import Students, fit_students

__all__ = ["Students", "fit_students"]
