"""Stand-ins for the outside worlds. They share no code with what they imitate, so that both cannot err alike."""
