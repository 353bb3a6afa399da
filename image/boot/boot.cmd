# Chooses the slot. Runs in U-Boot, on a Pi and in QEMU alike; made into boot.scr by steps/40-boot.
#
# The state is in the partition "bootstate", as U-Boot's env with a checksum; appliance/slots.py writes it from Linux:
#   BOOT_ORDER   "A B": which slot is tried first
#   BOOT_TRIAL   the slot that an update is on trial in, empty in normal life
#   BOOT_A_LEFT, BOOT_B_LEFT   tries that a slot on trial has left
# Only a trial counts, and it is counted before the slot is started. In normal life nothing is written, so that a yanked
# plug never changes the slot. What cannot be read is taken for "A B" and no trial.
#
# A slot on trial is told so (stallbox.trial): systemd/stallbox-trial.service ends the trial once the daemon is healthy,
# or starts the box again.

setenv BOOT_ORDER "A B"
setenv BOOT_TRIAL
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 3

# Where the machine's memory begins: QEMU's virt machine has it higher up than a Pi. The script itself is at 0x2400000,
# so the kernel, which is large, goes above it. The device tree is U-Boot's own copy at the end of memory: the one that the
# firmware made may lie where the kernel goes.
if test "${devtype}" = "virtio"; then
    setenv kernel_at 0x48000000
    setenv initrd_at 0x4c000000
    setenv state_at 0x4e000000
    setenv console "console=ttyAMA0"
else
    setenv kernel_at 0x08000000
    setenv initrd_at 0x0c000000
    setenv state_at 0x0e000000
    setenv console "console=tty1 console=ttyS1,115200"
fi

part start ${devtype} ${devnum} 2 state_block
if ${devtype} read ${state_at} ${state_block} 0x20; then
    env import -c ${state_at} 0x4000 BOOT_ORDER BOOT_TRIAL BOOT_A_LEFT BOOT_B_LEFT
fi

for slot in ${BOOT_ORDER}; do
    setenv go yes
    setenv trial
    if test "${slot}" = "A"; then
        setenv boot_part 3; setenv root_part 5; setenv left ${BOOT_A_LEFT}
    else
        setenv boot_part 4; setenv root_part 6; setenv left ${BOOT_B_LEFT}
    fi
    if test "${slot}" = "${BOOT_TRIAL}"; then
        setenv trial stallbox.trial
        if test ${left} -gt 0; then
            setexpr left ${left} - 1
            if test "${slot}" = "A"; then setenv BOOT_A_LEFT ${left}; else setenv BOOT_B_LEFT ${left}; fi
            env export -c -s 0x4000 ${state_at} BOOT_ORDER BOOT_TRIAL BOOT_A_LEFT BOOT_B_LEFT
            if ${devtype} write ${state_at} ${state_block} 0x20; then
                echo "stallbox: slot ${slot} is on trial, ${left} tries left"
            else
                echo "stallbox: the trial of slot ${slot} cannot be counted"
                setenv go no
            fi
        else
            echo "stallbox: slot ${slot} had its tries"
            setenv go no
        fi
    fi
    if test "${go}" = "yes"; then
        echo "stallbox: starting slot ${slot}"
        part uuid ${devtype} ${devnum}:${root_part} root_uuid
        setenv bootargs "root=PARTUUID=${root_uuid} ro stallbox.slot=${slot} stallbox.bus=${devtype} ${trial} ${console} loglevel=4 panic=10 fsck.mode=force fsck.repair=yes"
        if load ${devtype} ${devnum}:${boot_part} ${kernel_at} vmlinuz; then
            if load ${devtype} ${devnum}:${boot_part} ${initrd_at} initrd.img; then
                booti ${kernel_at} ${initrd_at}:${filesize} ${fdtcontroladdr}
            fi
        fi
        echo "stallbox: slot ${slot} does not start"
    fi
done

echo "stallbox: no slot starts; trying again"
sleep 5
reset
