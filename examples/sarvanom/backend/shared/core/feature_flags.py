from tidegate.flags import FeatureFlags
