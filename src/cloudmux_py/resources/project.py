"""Projects (resource groups): read only, so that other rows can name theirs."""

from cloudmux_py.cloudprovider.region import methods
from cloudmux_py.cloudprovider.resource import ICloudResource


class Project(ICloudResource):
    """Projects (resource groups) of an account; they belong to no region."""


class Projects:
    """What an account that has projects can do, from any of its regions."""

    get_projects, iter_projects, get_project, delete_project = methods(Project)
