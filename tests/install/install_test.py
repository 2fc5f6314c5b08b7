"""Installs the SDK, static and shared, and builds and runs a stranger's project against each copy.

CTest gives the arguments. How long the headers take to compile is a row of tests/bench. Standard library only.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

# What only the server, the command line, the importers and the tests need. A build of the SDK alone must not miss
# it. OpenSSL cannot be taken away: gRPC's own package asks for it.
NOT_FOR_THE_SDK = ("EXPAT", "GTest", "ICU", "RocksDB", "prometheus-cpp", "roaring")
# What CMake may have found for the SDK: the three, what gRPC's package looks for, and tools.
FOUND = re.compile(r"(absl|gRPC|Protobuf|(pkgcfg_lib_)?_?(OPENSSL|RE2)|re2|ZLIB|c-ares|CMAKE|PKG_CONFIG)_"
                   r"|COMMUNIQUE_(CCACHE|GOOGLEAPIS_DIR|SHARED_DATA)$|communique_(BINARY|SOURCE)_DIR$")

READY_WITHIN_S = 30
COMMAND_TIMEOUT_S = 600
HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = """revision 1
listed actors/anna-moreau
watched actors/anna-moreau
mirrored Anna Moreau
RECORD_NOT_FOUND actors/nobody
"""
# The three dependencies, as pkg-config and as CMake call them.
PKG_CONFIG_NAME = re.compile(r"(grpc\+\+|protobuf|absl_\w+)$")
CMAKE_TARGET = re.compile(r"(gRPC::grpc\+\+|protobuf::libprotobuf|absl::\w+|communique::\w+)$")
LIBRARY = re.compile(r"lib(grpc\+\+|grpc|gpr|protobuf|absl_\w+|communique_proto|stdc\+\+|gcc_s|m|c)\.so[.\d]*$"
                     r"|ld-linux-[\w-]+\.so\.\d+$")

options = argparse.Namespace()
scratch = None
prefixes = {}  # "static", "shared": where it is installed
sdk_build = None  # the build of the SDK alone


def run(*command, cwd=None, env=None):
    """The output of a command that must succeed; nothing of our environment leads it to us."""
    clean = {name: value for name, value in os.environ.items()
             if name not in ("CMAKE_PREFIX_PATH", "PKG_CONFIG_PATH", "LD_LIBRARY_PATH", "CPATH", "LIBRARY_PATH")}
    done = subprocess.run([str(word) for word in command], cwd=cwd, env={**clean, **(env or {})}, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_TIMEOUT_S)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-8000:]}")
    return done.stdout


def install(build, kind):
    prefix = scratch / kind
    for component in ("runtime", "development", "protos"):
        run(options.cmake, "--install", build, "--prefix", prefix, "--component", component)
    prefixes[kind] = prefix


def sdk_alone():
    """Arguments of CMake for a build of the SDK alone, on a machine that has no more than it needs."""
    return [f"-DCMAKE_CXX_COMPILER={options.compiler}", f"-DCOMMUNIQUE_GOOGLEAPIS_DIR={options.googleapis_dir}",
            "-DCOMMUNIQUE_BUILD_SERVICE=OFF", "-DCOMMUNIQUE_BUILD_TESTS=OFF",
            *(f"-DCMAKE_DISABLE_FIND_PACKAGE_{name}=ON" for name in NOT_FOR_THE_SDK)]


def setUpModule():
    """The kind that the tree was built as, and the other: a build of the SDK alone.

    That one stands beside the tree's, not in it, and is of its type: all paths from it are then the same as in
    the tree's, so a compiler cache has every object of it."""
    global scratch, sdk_build
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="communique_install."))
    unittest.addModuleCleanup(shutil.rmtree, scratch, ignore_errors=True)
    install(options.build_dir, "shared" if options.shared else "static")
    sdk_build = options.build_dir.with_name(options.build_dir.name + ".sdk")
    (sdk_build / "CMakeCache.txt").unlink(missing_ok=True)  # so that it says what was found now
    begin = time.monotonic()
    run(options.cmake, "-S", options.source_dir, "-B", sdk_build, "-G", options.generator, *sdk_alone(),
        f"-DBUILD_SHARED_LIBS={'OFF' if options.shared else 'ON'}", f"-DCMAKE_BUILD_TYPE={options.build_type}")
    run(options.cmake, "--build", sdk_build, "-j", os.environ.get("JOBS", "2"),
        env={"CCACHE_BASEDIR": str(options.source_dir), "CCACHE_NOHASHDIR": "1"})
    print(f"the SDK alone was built in {time.monotonic() - begin:.0f} s", flush=True)
    install(sdk_build, "static" if options.shared else "shared")


def library(kind, name):
    """The file of a library, wherever this platform keeps them below a prefix."""
    (found,) = prefixes[kind].rglob(name)
    return found


def needed(binary):
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "-d", binary))


def start_server(folder):
    log = folder / "log"
    with open(log, "wb") as out:
        server = subprocess.Popen(
            [options.server, f"--data_dir={folder / 'data'}", "--journal=memory", "--listen=127.0.0.1:0",
             "--admin_listen=127.0.0.1:0", "--drain_pause=0s"], stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        for line in log.read_text().splitlines(keepends=True):
            if line.endswith("\n") and (fields := json.loads(line)).get("event") == "ready":
                return server, fields["listen"]
        time.sleep(0.02)
    server.kill()
    server.wait()
    raise AssertionError(f"communiqued did not get ready; it logged: {log.read_text()}")


class Strangers(unittest.TestCase):
    """Four ways of building the same project, each run against a live server."""

    def project(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="stranger.", dir=scratch))
        return pathlib.Path(shutil.copytree(HERE / "stranger", folder / "project"))

    def find_package(self, kind, *arguments):
        project = self.project()
        run(options.cmake, "-S", project, "-B", project / "build", "-G", options.generator,
            f"-DCMAKE_CXX_COMPILER={options.compiler}", f"-DCMAKE_PREFIX_PATH={prefixes[kind]}", *arguments)
        run(options.cmake, "--build", project / "build")
        return project / "build" / "stranger"

    def pkg_config(self, kind):
        project = self.project()
        run("sh", "-c", '"$0" -std=c++20 main.cc -o stranger $(pkg-config --cflags --libs communique)',
            options.compiler, cwd=project,
            env={"PKG_CONFIG_PATH": str(library(kind, "communique.pc").parent)})
        return project / "stranger"

    def check(self, program, kind, env=None):
        linked = [name for name in needed(program) if name.startswith("libcommunique")]
        if kind == "shared":
            self.assertIn(library("shared", "libcommunique_client.so").resolve().name.rpartition(".")[0], linked)
        else:
            self.assertEqual(linked, [])
        server, endpoint = start_server(program.parent)
        try:
            self.assertEqual(run(program, endpoint, env=env), OUTPUT)
        finally:
            server.kill()
            server.wait()

    def test_find_package_static(self):
        self.check(self.find_package("static"), "static")

    def test_find_package_shared_and_mocks(self):
        program = self.find_package("shared", "-DSTRANGER_TESTS=ON")
        self.check(program, "shared")
        self.assertIn("[  PASSED  ] 2 tests.", run(program.parent / "stranger_test"))

    def test_pkg_config_static(self):
        self.check(self.pkg_config("static"), "static")

    def test_pkg_config_shared(self):
        libraries = str(library("shared", "libcommunique_client.so").parent)
        self.check(self.pkg_config("shared"), "shared", env={"LD_LIBRARY_PATH": libraries})


class SdkAlone(unittest.TestCase):
    """A build without the server asks for the three alone."""

    def test_it_looks_for_the_three(self):
        cache = (sdk_build / "CMakeCache.txt").read_text()
        found = re.findall(r"^([\w-]+):(?:FILE)?PATH=(?:/.*|\S+-NOTFOUND)$", cache, re.MULTILINE)
        self.assertIn("gRPC_DIR", found)
        self.assertEqual([name for name in found if not FOUND.match(name)], [])

    def test_a_tree_may_hold_ours(self):
        """Configured, not built: its objects are those of the build above."""
        project = pathlib.Path(tempfile.mkdtemp(prefix="tree.", dir=scratch))
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(tree LANGUAGES C CXX)\n"
            f"add_subdirectory({options.source_dir} communique)\n"
            "add_executable(stranger main.cc)\ntarget_link_libraries(stranger communique::client)\n")
        shutil.copy(HERE / "stranger" / "main.cc", project)
        run(options.cmake, "-S", project, "-B", project / "build", "-G", options.generator, *sdk_alone())


class Libraries(unittest.TestCase):
    """What the shared libraries show and need."""

    def exported(self, name):
        """The demangled names, each of which must have the version of this release."""
        version = "COMMUNIQUE_" + library("shared", name).resolve().name.split(".so.")[1].rpartition(".")[0]
        symbols = set()
        for line in run("nm", "-D", "-C", "--defined-only", library("shared", name)).splitlines():
            symbol, _, of = line.split(maxsplit=2)[2].partition("@@")
            if symbol != version:
                self.assertEqual(of, version, symbol)
                symbols.add(symbol)
        return symbols

    def test_the_client_exports_its_api_alone(self):
        text = "".join(path.read_text() for path in (prefixes["shared"] / "include/communique").glob("*.h"))
        marked = set(re.findall(r"class COMMUNIQUE_EXPORT (\w+)", text) +
                     re.findall(r"^COMMUNIQUE_EXPORT [^;(]*?(\w+)\(", text, re.MULTILINE))
        of = re.compile(r"(?:typeinfo for |typeinfo name for |vtable for |non-virtual thunk to )?"
                        r"communique::(\w+)(?!.*::Impl\b)")
        found = set()
        for symbol in self.exported("libcommunique_client.so"):
            match = of.match(symbol)
            self.assertTrue(match and match[1] in marked, f"{symbol} is exported and not of the API")
            found.add(match[1])
        self.assertEqual(found, marked)
        # What is declared and neither marked nor a template cannot be linked against.
        self.assertEqual(re.findall(r"(?<!>\n)^class \w+ \{|^(?!COMMUNIQUE_EXPORT )(?:[\w:]+[ <][^;{}()]*)?\b\w+\([^{}]*?\);",
                                    text, re.MULTILINE), [])

    def test_the_rest_is_generated_code(self):
        generated = re.compile(r"(?:(?:typeinfo|typeinfo name|vtable) for )?(communique::(storage::)?v1|google::rpc)::"
                               r"|descriptor_table_(communique|google_2frpc)_2f")
        symbols = self.exported("libcommunique_proto.so")
        self.assertEqual([symbol for symbol in symbols if not generated.match(symbol)], [])
        for symbol in ("vtable for communique::v1::Record", "descriptor_table_communique_2fv1_2frecord_2eproto",
                       "communique::v1::Record* google::protobuf::Arena::"
                       "CreateMaybeMessage<communique::v1::Record>(google::protobuf::Arena*)"):
            self.assertIn(symbol, symbols)

    def test_libraries_need_the_three_and_the_compilers(self):
        for name in ("libcommunique_client.so", "libcommunique_proto.so"):
            self.assertEqual([other for other in needed(library("shared", name)) if not LIBRARY.match(other)], [])


class Package(unittest.TestCase):
    """What find_package and pkg-config are told, and the headers."""

    def test_pkg_config_requires_the_three(self):
        for kind in ("static", "shared"):
            env = {"PKG_CONFIG_PATH": str(library(kind, "communique.pc").parent)}
            public = run("pkg-config", "--print-requires", "communique", env=env).split()
            private = run("pkg-config", "--print-requires-private", "communique", env=env).split()
            self.assertEqual([name for name in public + private if not PKG_CONFIG_NAME.match(name)], [])
            self.assertIn("grpc++", public if kind == "static" else private)

    def test_the_config_finds_the_three(self):
        for kind in ("static", "shared"):
            config = library(kind, "communique-config.cmake").read_text()
            found = set(re.findall(r"^\s*(?:find_dependency|find_package)\((\w+)", config, re.MULTILINE))
            self.assertEqual(found, {"absl", "gRPC", "protobuf", "Protobuf", "GTest"})
            mocks = config.index('if("mocks" IN_LIST')
            self.assertGreater(config.index("find_package(GTest"), mocks)
            targets = library(kind, "communique-targets.cmake").read_text()
            links = re.findall(r'create_target|add_library\(communique::(\w+)|INTERFACE_LINK_LIBRARIES "(.*)"', targets)
            of = None
            for target, linked in links:
                of = target or of
                names = [re.sub(r"^\\\$<LINK_ONLY:(.*)>$", r"\1", name) for name in linked.split(";") if name]
                strange = [name for name in names if name and not CMAKE_TARGET.match(name)]
                self.assertEqual(strange, ["GTest::gmock"] if of == "mocks" and linked else [], of)

    def test_nothing_installed_names_our_folders(self):
        for kind, prefix in prefixes.items():
            for path in prefix.rglob("*"):
                if path.suffix in (".cmake", ".pc", ".h", ".proto"):
                    text = path.read_text()
                    for folder in (options.source_dir, options.build_dir):
                        self.assertNotIn(f"{folder}/", text, path)

    def test_protos_stand_alone(self):
        protos = prefixes["static"] / "share/communique/proto"
        files = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
        self.assertIn("communique/v1/feed.proto", files)
        self.assertFalse([name for name in files if name.startswith("communique/storage")])
        run(options.protoc, "-I", protos, f"--descriptor_set_out={scratch / 'protos.bin'}", *files)

    def test_public_headers_bring_in_no_more_than_protobuf_and_abseil(self):
        """Which files are read; what that costs is a row of tests/bench."""
        include = prefixes["static"] / "include"
        headers = sorted(path.relative_to(include) for path in (include / "communique").glob("*.h"))
        self.assertIn(pathlib.Path("communique/client.h"), headers)
        source = scratch / "every_header.cc"
        source.write_text("".join(f'#include "{header}"\n' for header in headers))
        compile_it = (options.compiler, "-std=c++17", "-I", include, source)
        read = run(*compile_it, "-M").replace("\\\n", " ").split()[1:]
        system = re.compile(r"/(absl|google/protobuf|c\+\+/\d+)/|/gcc/|/include/([\w.-]+\.h|(bits|sys|gnu|asm|linux"
                            r"|asm-generic)/[\w./-]+|[\w]+-linux-gnu/[\w./+-]+)$")
        for name in read:
            ours = name.startswith((str(include / "communique"), str(source)))
            self.assertTrue(ours or system.search(name), f"{name} is of none of the three")
            self.assertNotRegex(name, r"/(grpc|grpcpp|grpc\+\+|third_party)/|\.grpc\.pb\.h$")
        run(*compile_it, "-c", "-o", scratch / "every_header.o")


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    for name in ("source_dir", "build_dir", "googleapis_dir"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    for name in ("server", "cmake", "compiler", "generator", "protoc", "build_type"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--shared", type=int, required=True)
    _, rest = parser.parse_known_args(namespace=options)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
