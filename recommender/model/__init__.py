"""The hybrid model: from papers to scores and the reasons for them."""
