"""What each method of explaining is called, and what it is, in a few words."""

WORDS: dict[str, tuple[str, str]] = {
    "student": ("Student", "weights × (image − its neighbors’ mean)"),
    "student_times_input": ("Student × input", "weights × image"),
    "neighborhood_gradient": ("Neighbors’ gradient", "teacher’s mean there, × image"),
    "gradient": ("Gradient × input", "teacher’s, at this image"),
    "integrated_gradients": ("Integrated gradients", "teacher’s, on paths to the image"),
    "smoothgrad": ("SmoothGrad × input", "teacher’s, averaged over noise"),
    "cam": ("CAM", "last activations × weights"),
    "gradcam": ("Grad-CAM", "last activations × mean gradients"),
    "hirescam": ("HiResCAM", "last activations × their gradients"),
    "gradcam_plus_plus": ("Grad-CAM++", "activations × weighted gradients"),
    "score_cam": ("Score-CAM", "last activations × their score"),
    "occlusion": ("Occlusion", "what a mean-color patch takes away"),
    "lime_grid": ("LIME, squares", "linear model of squares left out"),
    "lime_quickshift": ("LIME, superpixels", "linear model of superpixels left out"),
    "random": ("Random", "noise, a control"),
    "image": ("Image itself", "ink, a control"),
}
"""Name -> (title, what it is): short enough for two lines below a small picture."""


BLACK_PATCH = "what a black patch takes away"
"""The occlusion that a student holds itself, if its teacher has no gradients."""


def in_words(name: str, label: str) -> tuple[str, str]:
    """Title and description; a method that is not ours has its own label."""
    return WORDS.get(name, (label, ""))


def title(name: str) -> str:
    """A method's title alone."""
    return in_words(name, name)[0]
