#!/bin/sh
# Packs the benchmark of the graphics path for a Linux machine that has a card and a Vulkan driver and nothing else:
# .cache/gpu-card/ then holds Node, the WebGPU binding, the Vulkan loader and the bundled scripts, under 64 MiB.
# Copy the folder there and run `sh run.sh [RESULT.json]` in it.
set -eu
cd "$(dirname "$0")/../.."
out=.cache/gpu-card
rm -rf "$out"
node_modules/.bin/node --conditions=@noema/source bench/gpu/pack.ts
[ -f .cache/node.xz ] || xz -T0 -6 -c node_modules/node/bin/node > .cache/node.xz
cp .cache/node.xz "$out/node.xz"
[ -f .cache/dawn.xz ] || xz -6 -c node_modules/webgpu/dist/linux-x64/dawn.node > .cache/dawn.xz
cp .cache/dawn.xz "$out/dawn.xz"
# The Vulkan loader, and the X libraries that NVIDIA's driver asks for even without a display.
mkdir -p "$out/packages" "$out/lib"
(cd "$out/packages" && apt-get download libvulkan1 libx11-6 libxext6 libxcb1 libxau6 libxdmcp6 libbsd0 libmd0 > /dev/null 2>&1 &&
  for package in *.deb; do dpkg-deb -x "$package" .; done)
# Files, not the links that they are found by: links do not travel everywhere.
cp -L "$out"/packages/usr/lib/*/lib*.so.[0-9] "$out/lib/"
rm -rf "$out/packages"
cat > "$out/run.sh" <<'END'
#!/bin/sh
set -eu
result=$(realpath -m "${1:-gpu-card.json}")
cd "$(dirname "$0")"
unpacker() { if command -v xz > /dev/null; then xz -dc "$1"; else python3 -c 'import lzma,sys; sys.stdout.buffer.write(lzma.open(sys.argv[1]).read())' "$1"; fi; }
[ -x node ] || { unpacker node.xz > node; chmod +x node; }
[ -f node_modules/webgpu/dist/linux-x64/dawn.node ] || unpacker dawn.xz > node_modules/webgpu/dist/linux-x64/dawn.node
export LD_LIBRARY_PATH="$PWD/lib:${LD_LIBRARY_PATH:-}" XDG_RUNTIME_DIR=/tmp
# Containers often get the card's libraries without the file that names them to the loader.
if [ -z "${VK_ICD_FILENAMES:-}" ] && ! ls /etc/vulkan/icd.d/*.json /usr/share/vulkan/icd.d/*.json > /dev/null 2>&1; then
  for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
    printf '{"file_format_version":"1.0.0","ICD":{"library_path":"%s","api_version":"1.3.0"}}' "$library" > "$library.json"
  done
  export VK_ICD_FILENAMES="$PWD/libGLX_nvidia.so.0.json:$PWD/libEGL_nvidia.so.0.json"
fi
echo "drivers: ${VK_ICD_FILENAMES:-$(ls /etc/vulkan/icd.d /usr/share/vulkan/icd.d 2> /dev/null)}; libraries of the card:"
ldconfig -p | grep -E 'lib(GLX|EGL)_nvidia|libnvidia-glcore|libcuda.so' || echo "none known to ldconfig"
exec ./node on-card.mjs "$result"
END
du -sh "$out"
